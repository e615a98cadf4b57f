// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/failure.h"

#include "dmcvr/core/error.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace dmcvr {

TEST(FailureOf, IsOneLineWhateverEndedTheWork) {
  EXPECT_EQ(failure_of([] {}), "");
  EXPECT_EQ(failure_of([] { throw Error("a.nii: cut off"); }), "a.nii: cut off");
  EXPECT_EQ(failure_of([] { throw std::bad_alloc(); }), "not enough memory");
  EXPECT_EQ(failure_of([] { throw std::runtime_error("other"); }), "other");
  const std::string broken = failure_of([] { TORCH_CHECK(false, "a broken promise"); });
  EXPECT_NE(broken.find("a broken promise"), std::string::npos);
  EXPECT_EQ(broken.find('\n'), std::string::npos);
}

}  // namespace dmcvr
