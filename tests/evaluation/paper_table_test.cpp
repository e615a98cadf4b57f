// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/paper_table.h"

#include "dmcvr/evaluation/scores.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Two methods, one volume each; the second has more overlap and shorter distances.
std::vector<MethodSummary> two_methods() {
  std::vector<VolumeScore> scores;
  for (const int n : {1, 2}) {
    VolumeScore score;
    score.method = n == 1 ? "linear" : "dmcvr";
    score.phase = "ed";
    for (const std::string& name : scored_structures()) {
      StructureScore& structure = score.structures[name];
      structure.dice = 0.8 + 0.05 * n;
      structure.voe_percent = 30.0 / n;
      structure.asd_voxels = structure.assd_voxels = 1.0 / n;
      structure.hd_voxels = name == "RVC" ? kNoScore : 6.0 / n;
    }
    score.stack_psnr_db = 30 + n;
    score.stack_ssim = 0.9;
    scores.push_back(score);
  }
  return summarize(scores);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST(PaperTable, HasABlockPerStructureAllLabelsFirst) {
  const auto lines = paper_lines(two_methods());
  ASSERT_EQ(lines.size(), 4U * 3U);
  EXPECT_EQ(lines[0],
            "All labels               DICE    VOE/%      ASD       HD     ASSD  PSNR/dB     SSIM");
  EXPECT_EQ(lines[1],
            "linear                  0.850    30.00    1.000     6.00    1.000    31.00    0.900");
  EXPECT_EQ(lines[3], "LVC                      DICE    VOE/%      ASD       HD     ASSD");
  EXPECT_EQ(lines[11], "dmcvr                   0.900    15.00    0.500        -    0.500");
}

// The largest overlap and the smallest distance are bold.
TEST(PaperTable, WhatIsBestDependsOnTheMeasure) {
  const std::string page = joined(paper_markdown(two_methods()));
  EXPECT_NE(page.find("**All labels**"), std::string::npos);
  EXPECT_NE(page.find("| dmcvr | **0.900** | **15.00** | **0.500** | **3.00** | **0.500** |"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("| linear | 0.850 | 30.00 | 1.000 | 6.00 | 1.000 |"), std::string::npos);
  EXPECT_NE(joined(paper_latex(two_methods())).find("\\textbf{15.00}"), std::string::npos);
}

TEST(PaperTable, IsEmptyWithoutLabels) {
  VolumeScore score;
  score.method = "linear";
  score.psnr_db = 20;
  const auto methods = summarize({score});
  EXPECT_TRUE(paper_lines(methods).empty());
  EXPECT_TRUE(paper_markdown(methods).empty());
  EXPECT_TRUE(paper_latex(methods).empty());
}

}  // namespace dmcvr
