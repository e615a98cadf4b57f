// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/tables.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

VolumeScore table_volume(const std::string& method, double dice, double psnr) {
  VolumeScore score;
  score.method = method;
  score.psnr_db = psnr;
  for (const char* name : {"LVC", "LVM", "RVC"})
    score.structures[name].dice = score.structures[name].dice_pose_free = dice;
  return score;
}

std::vector<MethodSummary> three_methods() {
  return summarize({table_volume("original", 0.9, kNoScore), table_volume("shape", 0.5, kNoScore),
                    table_volume("shape", 0.7, kNoScore), table_volume("dmcvr", 0.6004, 20)});
}

}  // namespace

TEST(MarkdownTable, EveryRowHasTheColumnsOfTheHeadingAndEqualBestsAreBold) {
  const auto lines = markdown_table(volume_table(three_methods()));
  ASSERT_EQ(lines.size(), 5U);
  for (const std::string& line : lines) EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 11);
  EXPECT_EQ(lines[2].find("**"), std::string::npos) << "the upper bound takes no part";
  EXPECT_NE(lines[3].find("| **0.600** ± 0.141 |"), std::string::npos) << lines[3];
  EXPECT_NE(lines[4].find("| **0.600** |"), std::string::npos) << lines[4];
  EXPECT_NE(lines[4].find("| **20.00** |"), std::string::npos) << lines[4];
}

TEST(MarkdownTable, BoundsFromExpertsLabelsTakeNoPart) {
  const auto lines = markdown_table(volume_table(summarize(
      {table_volume("shape-expert", 0.9, kNoScore), table_volume("nearest-expert", 0.8, kNoScore),
       table_volume("shape", 0.7, kNoScore)})));
  EXPECT_EQ(lines[2].find("**"), std::string::npos) << lines[2];
  EXPECT_EQ(lines[3].find("**"), std::string::npos) << lines[3];
  EXPECT_NE(lines[4].find("**0.700**"), std::string::npos) << lines[4];
}

TEST(LatexTable, EveryRowHasTheColumnsOfTheTabular) {
  const auto lines = latex_table(volume_table(three_methods()));
  EXPECT_EQ(lines.front(), "\\begin{tabular}{lccccccccc}");
  EXPECT_EQ(lines.back(), "\\end{tabular}");
  int rows = 0;
  for (const std::string& line : lines) {
    if (line.find(" & ") == std::string::npos || line.find("multicolumn") != std::string::npos)
      continue;
    EXPECT_EQ(std::count(line.begin(), line.end(), '&'), 9) << line;
    EXPECT_EQ(line.substr(line.size() - 3), " \\\\");
    ++rows;
  }
  EXPECT_EQ(rows, 4);
  EXPECT_NE(lines[7].find("\\textbf{0.600}$\\,\\pm\\,$0.141"), std::string::npos) << lines[7];
}

}  // namespace dmcvr
