// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Error, FormatsOneLine) {
  EXPECT_STREQ(Error("{}: {} slice", "a.nii", 1).what(), "a.nii: 1 slice");
}

TEST(Error, PutsContextFirst) {
  const Error error("it is empty");
  EXPECT_STREQ(error.in("a.nii").in("case 7").what(), "case 7: a.nii: it is empty");
}

TEST(Error, KeepsBracesOfItsArguments) {
  EXPECT_STREQ(Error("{}", "{not a field}").what(), "{not a field}");
  EXPECT_STREQ(Error("{}", "{x}").in("{y}").what(), "{y}: {x}");
}

}  // namespace dmcvr
