// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {

TEST(Version, IsThreeNumbers) {
  EXPECT_THAT(version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(torch_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
}

TEST(Version, NamesTheCommit) {
  EXPECT_THAT(commit(), testing::MatchesRegex("([0-9a-f]+(-dirty)?)?"));
}

}  // namespace dmcvr
