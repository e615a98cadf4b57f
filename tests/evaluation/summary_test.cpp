// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/summary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

VolumeScore volume(const std::string& method, double dice, double psnr) {
  VolumeScore score;
  score.method = method;
  score.phase = "ed";
  score.psnr_db = psnr;
  if (std::isnan(dice)) return score;
  for (const char* name : {"LVC", "LVM", "RVC"}) {
    score.structures[name].dice = dice;
    score.structures[name].dice_pose_free = dice + 0.05;
  }
  score.shifts_mm = {dice * 10, dice * 10, dice * 20};
  return score;
}

}  // namespace

TEST(Summary, IsTheMeanOverVolumesInTheOrderOfTheMethods) {
  const auto methods = summarize(
      {volume("shape", 0.5, kNoScore), volume("dmcvr", 0.8, 20), volume("shape", 0.7, kNoScore)});
  ASSERT_EQ(methods.size(), 2U);
  EXPECT_EQ(methods[0].method, "shape");
  EXPECT_EQ(methods[0].volumes, 2);
  const Summary dice = methods[0].structures.at("LVM").at("dice");
  EXPECT_NEAR(dice.mean, 0.6, 1e-12);
  EXPECT_NEAR(dice.deviation, std::sqrt(0.02), 1e-12);
  EXPECT_NEAR(methods[0].structures.at("mean").at("dice_pose_free").mean, 0.65, 1e-12);
  EXPECT_NEAR(methods[0].median_shift_mm, 7, 1e-12);  // of 5 5 7 7 10 14
  EXPECT_EQ(methods[0].pictures.at("psnr_db").count, 0);
  EXPECT_EQ(methods[1].pictures.at("psnr_db").mean, 20);
}

TEST(Summary, AbsentStructuresAreCountedAndLeftOut) {
  VolumeScore score = volume("shape", 0.6, 20);
  score.structures["RVC"].dice = kNoScore;
  const auto methods = summarize({volume("shape", 0.8, 20), score});
  EXPECT_EQ(methods[0].structures.at("RVC").at("dice").absent, 1);
  EXPECT_NEAR(methods[0].structures.at("RVC").at("dice").mean, 0.8, 1e-12);
  EXPECT_NEAR(methods[0].structures.at("mean").at("dice").mean, 0.7, 1e-12);
  const auto content = to_json(methods);
  EXPECT_EQ(content[0]["structures"]["RVC"]["dice"]["absent"], 1);
  EXPECT_TRUE(content[0]["structures"]["RVC"]["dice"]["deviation"].is_null());
}

TEST(OneSidedLines, CountTheVolumesInWhichOnlyOneSideHasAStructure) {
  VolumeScore whole = volume("shape", 0.8, 20), lacking = volume("mine", 0, 20);
  EXPECT_TRUE(one_sided_lines(summarize({whole})).empty());
  for (const char* name : {"LVC", "LVM", "RVC"}) lacking.structures[name].missed = 0;
  lacking.structures["RVC"].missed = 1;
  lacking.structures["LVC"].invented = 1;
  VolumeScore complete = lacking, absent = lacking;
  complete.structures["RVC"].missed = 0;
  absent.structures["RVC"].missed = kNoScore;
  const auto lines = one_sided_lines(summarize({whole, lacking, complete, absent}));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "LVC is where it is not in 3 of 3 volumes of mine");
  EXPECT_EQ(lines[1], "RVC is missing in 1 of 2 volumes of mine");
  EXPECT_NE(lines[2].find("Dice is 0"), std::string::npos);
}

TEST(TableLines, ShowDiceAsIsAndPoseFreeWithADashWhereThereIsNoScore) {
  const auto methods = summarize({volume("shape", 0.5, kNoScore), volume("shape", 0.7, kNoScore),
                                  volume("linear", kNoScore, 18.5)});
  const auto lines = table_lines(methods);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].rfind("as is", 0), 0U);
  EXPECT_NE(lines[1].find("0.600±0.141"), std::string::npos);
  EXPECT_EQ(lines[1].back(), '-');
  EXPECT_NE(lines[2].find("18.50"), std::string::npos);
  EXPECT_EQ(lines[3].rfind("pose-free", 0), 0U);
  EXPECT_NE(lines[4].find("0.650±0.141"), std::string::npos);
  EXPECT_NE(lines[4].find("7.00"), std::string::npos);

  // Values stand below their headings; the sign of deviations has two bytes.
  const auto plain = table_lines(methods, false);
  EXPECT_EQ(plain[0].size(), plain[1].size());
  EXPECT_EQ(plain[0].find("LVC") + 3, plain[1].find("0.600") + 5);
  EXPECT_EQ(lines[0].find("LVC") + 3, lines[1].find("0.600") + 5);
}

TEST(TableLines, WithoutLabelsThereIsNoSecondTable) {
  EXPECT_EQ(table_lines(summarize({volume("linear", kNoScore, 18.5)})).size(), 2U);
}

}  // namespace dmcvr
