// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/vtk_errors.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

namespace dmcvr {
namespace {

void provoke_error() {
  vtkNew<vtkPNGReader> reader;
  reader->SetFileName("/no/such/picture.png");
  reader->Update();
}

std::string error_of_check(const VtkErrors& errors) {
  try {
    errors.check("picture");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(VtkErrors, AreSilentWithoutErrors) {
  const VtkErrors errors;
  EXPECT_EQ(error_of_check(errors), "");
}

TEST(VtkErrors, BecomeOneLine) {
  const VtkErrors errors;
  provoke_error();
  const std::string text = error_of_check(errors);
  EXPECT_EQ(text.rfind("picture: ", 0), 0U) << text;
  EXPECT_NE(text.find("/no/such/picture.png"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_EQ(text.find("0x"), std::string::npos) << text;
}

TEST(VtkErrors, GoToTheInnermostCollector) {
  const VtkErrors outer;
  {
    const VtkErrors inner;
    provoke_error();
    EXPECT_NE(error_of_check(inner), "");
  }
  EXPECT_EQ(error_of_check(outer), "");
  provoke_error();
  EXPECT_NE(error_of_check(outer), "");
}

}  // namespace dmcvr
