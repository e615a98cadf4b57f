// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/text.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// First and last row with ink.
std::pair<int64_t, int64_t> ink_rows(const torch::Tensor& coverage) {
  const auto rows = (coverage > 0).any(1).nonzero();
  return {rows.min().item<int64_t>(), rows.max().item<int64_t>()};
}

TEST(Text, CoversSomePixelsAndStaysInRange) {
  const auto coverage = text_coverage("acquired 20.0 mm", {});
  EXPECT_GE(coverage.min().item<float>(), 0);
  EXPECT_LE(coverage.max().item<float>(), 1);
  const double share = coverage.mean().item<double>();
  EXPECT_GT(share, 0.05);
  EXPECT_LT(share, 0.6);
}

TEST(TextProperty, WordsOfOneStyleStandOnOneLine) {
  for (const int64_t height : {11, 12, 15, 20, 30}) {
    TextStyle style;
    style.height_px = height;
    const auto reference = text_coverage("H", style);
    for (const char* word : {"x", "Hg", "yp", "10 mm", "apq,"}) {
      EXPECT_EQ(text_coverage(word, style).size(0), reference.size(0)) << word << " " << height;
    }
    EXPECT_EQ(ink_rows(text_coverage("x", style)).second, ink_rows(reference).second) << height;
    EXPECT_GT(ink_rows(text_coverage("g", style)).second, ink_rows(reference).second) << height;
    EXPECT_LT(ink_rows(reference).first, ink_rows(text_coverage("x", style)).first) << height;
  }
}

TEST(Text, LongerAndLargerWordsAreWider) {
  TextStyle large;
  large.height_px = 32;
  EXPECT_GT(text_coverage("acquired", {}).size(1), text_coverage("acq", {}).size(1));
  EXPECT_GT(text_coverage("acquired", large).size(1), text_coverage("acquired", {}).size(1));
  EXPECT_EQ(text_coverage("", {}).size(1), 0);
}

TEST(Text, CharactersBeyondAsciiShowAsQuestionMarks) {
  EXPECT_TRUE(text_coverage("M\xC3\xBCller\n", {}).equal(text_coverage("M?ller?", {})));
}

TEST(Text, AlignmentMovesTheWords) {
  for (const TextAlign align : {TextAlign::left, TextAlign::center, TextAlign::right}) {
    Picture canvas = blank_picture(24, 200, {});
    TextStyle style;
    style.align = align;
    const int64_t width = draw_text(canvas, "seven", 2, 100, style);
    const auto columns = canvas.rgb.sum(2).sum(0).nonzero();
    const int64_t left = align == TextAlign::left     ? 100
                         : align == TextAlign::center ? 100 - width / 2
                                                      : 100 - width;
    EXPECT_GE(columns.min().item<int64_t>(), left);
    EXPECT_LT(columns.max().item<int64_t>(), left + width);
    EXPECT_GT(columns.max().item<int64_t>() - columns.min().item<int64_t>(), width / 2);
  }
}

}  // namespace
}  // namespace dmcvr
