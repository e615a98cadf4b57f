// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/said_paths.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(SaidPath, StandsForItsFolderWhileItLives) {
  const std::string text = "/tmp/x/a.nii.gz beside /tmp/x/b";
  {
    const SaidPath said("/tmp/x", "set.zip");
    EXPECT_EQ(with_said_paths(text), "set.zip/a.nii.gz beside set.zip/b");
    EXPECT_EQ(without_ids(text), with_said_paths(text));
    EXPECT_STREQ(Error("{}", text).what(), with_said_paths(text).c_str());
    const SaidPath longer("/tmp/x/a.nii.gz", "other");
    EXPECT_EQ(with_said_paths("/tmp/y"), "/tmp/y");
  }
  EXPECT_EQ(with_said_paths(text), text);
}

TEST(SaidPath, MayHoldItsOwnFolder) {
  const SaidPath said("/tmp/x", "/tmp/x/y.zip");
  EXPECT_EQ(with_said_paths("/tmp/x/a"), "/tmp/x/y.zip/a");
}

}  // namespace dmcvr
