// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/paper_differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

VolumeScore paper_score(const std::string& method, double dice) {
  VolumeScore score;
  score.method = method;
  score.phase = "ed";
  for (const std::string& name : scored_structures()) {
    StructureScore& structure = score.structures[name];
    structure.dice = dice;
    structure.voe_percent = 100 - 100 * dice;
    structure.asd_voxels = structure.assd_voxels = structure.hd_voxels = 1 - dice;
    structure.hd95_mm = 20 - 20 * dice;
  }
  score.stack_ssim = dice;
  return score;
}

// Two cases, the second better by twice as much.
std::vector<Difference> two_differences() {
  CaseResult a, b;
  a.volumes = {paper_score("original", 0.5), paper_score("dmcvr", 0.6)};
  b.volumes = {paper_score("original", 0.5), paper_score("dmcvr", 0.7)};
  return differences({a, b}, "original");
}

}  // namespace

TEST(PaperDifferenceLines, AreOfAllLabelsALinePerMeasure) {
  const auto lines = paper_difference_lines(two_differences(), "original");
  ASSERT_EQ(lines.size(), 8U);  // PSNR, which nobody has, is left out
  EXPECT_THAT(lines[0], testing::StartsWith("All labels, minus original"));
  EXPECT_THAT(lines[0], testing::EndsWith("dmcvr"));
  EXPECT_THAT(lines[1], testing::StartsWith("DICE "));
  EXPECT_THAT(lines[1], testing::EndsWith("+0.150 [+0.100, +0.200]"));
  EXPECT_THAT(lines[2], testing::EndsWith("-15.00 [-20.00, -10.00]"));
  EXPECT_THAT(lines[6], testing::StartsWith("HD95/mm "));
  EXPECT_THAT(lines[6], testing::EndsWith("-3.00 [-4.00, -2.00]"));
  EXPECT_THAT(lines[7], testing::StartsWith("SSIM "));
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size());
  EXPECT_TRUE(paper_difference_lines({}, "original").empty());
}

TEST(PaperDifferenceMarkdown, HasATablePerStructure) {
  const auto lines = paper_difference_markdown(two_differences(), "original");
  ASSERT_EQ(lines.size(), 4U * 5 + 3);
  EXPECT_EQ(lines[0], "**All labels, minus original, with 95 % intervals**");
  EXPECT_EQ(lines[4].rfind("| dmcvr | +0.150 [+0.100, +0.200] | ", 0), 0U) << lines[4];
  EXPECT_EQ(std::count(lines[2].begin(), lines[2].end(), '|'), 10);
  EXPECT_EQ(lines[6], "**LVC, minus original, with 95 % intervals**");
  for (size_t n = 8; n < 11; ++n)
    EXPECT_EQ(std::count(lines[n].begin(), lines[n].end(), '|'), 8) << lines[n];
  EXPECT_TRUE(paper_difference_markdown({}, "original").empty());
}

}  // namespace dmcvr
