// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/participant.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(ParticipantFile, SaysWhatTheNameSays) {
  const auto file = participant_file("2000001_20209_2_0.zip");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->id, "2000001");
  EXPECT_EQ(file->field, 20209);
  EXPECT_EQ(file->visit, "2_0");
  EXPECT_EQ(file->ending, ".zip");
  EXPECT_EQ(participant_file("2000001_20208_3_1")->ending, "");
  for (const auto* name : {"200001_20209_2_0.zip", "2000001_20299_2_0.zip", "2000001_20209.zip",
                           "x2000001_20209_2_0.zip", "2000001-20209-2-0.zip", "2000001", ""})
    EXPECT_FALSE(participant_file(name)) << name;
}

TEST(WithoutIds, TakesThemOutOfAllText) {
  EXPECT_EQ(without_ids("/data/2000002_20209_2_0.zip: damaged"), "/data/*_20209_2_0.zip: damaged");
  // Once known, wherever it stands, before the name too.
  EXPECT_EQ(without_ids("a/2000003/2000003_20208_2_0.zip of 2000003, not 12000003 or 20000031"),
            "a/*/*_20208_2_0.zip of *, not 12000003 or 20000031");
  EXPECT_EQ(without_ids("2000003"), "*");
  EXPECT_EQ(without_ids("2000009 is seven digits of something else"),
            "2000009 is seven digits of something else");
  EXPECT_EQ(without_ids(""), "");
}

TEST(WithoutIds, NoErrorHasThemUnlessTheyAreKept) {
  const Error error("{}: no archive", "in/2000004_20209_2_0.zip");
  EXPECT_STREQ(error.what(), "in/*_20209_2_0.zip: no archive");
  EXPECT_STREQ(error.in("2000004").what(), "*: in/*_20209_2_0.zip: no archive");
  keep_ids(true);
  EXPECT_TRUE(keeps_ids());
  EXPECT_EQ(without_ids("2000004_20209_2_0"), "2000004_20209_2_0");
  keep_ids(false);
  EXPECT_EQ(without_ids("2000004_20209_2_0"), "*_20209_2_0");
}

}  // namespace dmcvr
