// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_pose.h"

#include "support.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// A wedge of three labels, without symmetry, moved by whole pixels.
torch::Tensor wedge(int64_t columns = 0, int64_t rows = 0) {
  auto labels = torch::zeros({60, 50}, torch::kUInt8);
  for (int64_t row = 15; row < 45; ++row) {
    const int64_t width = (row - 10) / 2;
    auto line = labels[row + rows];
    line.slice(0, 20 + columns, 20 + columns + width).fill_(kLvc);
    line.slice(0, 16 + columns, 20 + columns).fill_(kLvm);
    if (row > 25) line.slice(0, 12 + columns, 16 + columns).fill_(kRvc);
  }
  return labels;
}

PoseSearch search_of(double reach_mm = 8) {
  return {torch::ones({60, 50}, torch::kBool), {1.5, 2}, reach_mm};
}

}  // namespace

TEST(ViewPose, LabelsMoveBackToWhereTheyFit) {
  for (const auto& [columns, rows] : {std::pair{0, 0}, {3, 0}, {0, -2}, {-2, 3}}) {
    const auto shift = best_shift_of_labels(wedge(columns, rows), wedge(), search_of());
    ASSERT_TRUE(shift);
    EXPECT_DOUBLE_EQ((*shift)[0], -1.5 * columns);
    EXPECT_DOUBLE_EQ((*shift)[1], -2.0 * rows);
  }
}

TEST(ViewPose, PicturesMoveBackWhateverTheirBrightness) {
  const auto large = test::golden_input("picture", {80, 70});
  const auto cut = [&](int64_t column, int64_t row) {
    return large.narrow(0, 10 + row, 60).narrow(1, 10 + column, 50).contiguous();
  };
  for (const auto& [columns, rows] : {std::pair{0, 0}, {4, 1}, {-3, -3}}) {
    // What lay at (columns, rows) lies at 0: it has moved by (-columns, -rows).
    const auto shift =
        best_shift_of_pictures(cut(columns, rows) * 30 + 200, cut(0, 0), search_of());
    ASSERT_TRUE(shift);
    EXPECT_DOUBLE_EQ((*shift)[0], 1.5 * columns);
    EXPECT_DOUBLE_EQ((*shift)[1], 2.0 * rows);
  }
}

TEST(ViewPose, NoShiftIsLongerThanTheReach) {
  const auto shift = best_shift_of_labels(wedge(6, 0), wedge(), search_of(4));
  ASSERT_TRUE(shift);
  EXPECT_LE(std::abs((*shift)[0]), 4);
  EXPECT_DOUBLE_EQ((*shift)[0], -3);
  const auto none = best_shift_of_labels(wedge(6, 0), wedge(), search_of(0));
  EXPECT_EQ(*none, (std::array<double, 2>{0, 0}));
}

TEST(ViewPose, OnlyPixelsThatStayInsideAreCompared) {
  // The heart ends at row 30, as a stack does: what is cut off must not pull the rest down.
  PoseSearch search = search_of();
  search.inside.slice(0, 30, 60).fill_(false);
  auto said = wedge(2, 0);
  said.slice(0, 30, 60).fill_(0);
  const auto shift = best_shift_of_labels(said, wedge(), search);
  ASSERT_TRUE(shift);
  EXPECT_EQ(*shift, (std::array<double, 2>{-3, 0}));
}

TEST(ViewPose, IsAbsentWhereThereIsNothingToCompare) {
  const auto nothing = torch::zeros({60, 50}, torch::kUInt8);
  EXPECT_FALSE(best_shift_of_labels(nothing, wedge(), search_of()));
  EXPECT_FALSE(best_shift_of_labels(wedge(), nothing, search_of()));
  PoseSearch narrow = search_of();
  narrow.inside.slice(0, 32, 60).fill_(false);
  narrow.inside.slice(0, 0, 28).fill_(false);  // four rows of 2 mm, reach 8 mm
  EXPECT_FALSE(best_shift_of_labels(wedge(), wedge(), narrow));
  const auto picture = test::golden_input("picture", {60, 50});
  EXPECT_FALSE(best_shift_of_pictures(picture, picture, narrow));
  EXPECT_FALSE(best_shift_of_pictures(torch::ones({60, 50}), picture, search_of()));
}

}  // namespace dmcvr
