// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/series_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Ten slices of 256x256 pixels, 1.4 mm and 8 mm apart.
FoundSeries even_stack() {
  FoundSeries series;
  series.name = "stack";
  series.view = "sax";
  series.grid.size = {256, 256, 10};
  series.grid.world_from_voxel.matrix = {{{1.4, 0, 0}, {0, 1.4, 0}, {0, 0, 8}}};
  series.thickness_mm = 8;
  return series;
}

std::vector<std::string> checked(FoundSeries series) {
  check_series(series);
  std::vector<std::string> codes;
  for (const Problem& problem : series.problems) {
    codes.push_back(problem.code);
    EXPECT_FALSE(problem.text.empty() || problem.remedy.empty());
  }
  return codes;
}

}  // namespace

TEST(CheckSeries, FindsNothingWrongWithAnEvenStack) {
  EXPECT_THAT(checked(even_stack()), IsEmpty());
}

TEST(CheckSeries, ComparesThicknessAndPitch) {
  auto series = even_stack();
  series.thickness_mm = 6;
  EXPECT_THAT(checked(series), ElementsAre("thickness_is_not_pitch"));
  series.thickness_mm.reset();
  EXPECT_THAT(checked(series), IsEmpty());
}

TEST(CheckSeries, TellsUnevenFromMissingFromDoubledSlices) {
  auto series = even_stack();
  series.slice_z_mm = {0, 8, 16, 24, 32, 40, 48, 56, 64, 72.2};
  EXPECT_THAT(checked(series), IsEmpty());
  series.slice_z_mm.back() = 73;
  EXPECT_THAT(checked(series), ElementsAre("uneven_slices"));
  series.slice_z_mm.back() = 88;  // two were lost before the last one
  EXPECT_THAT(checked(series), ElementsAre("missing_slices"));
  series.slice_z_mm.back() = 64;
  EXPECT_THAT(checked(series), ElementsAre("duplicate_slices"));
}

TEST(CheckSeries, SaysHowManySlicesAreMissing) {
  auto series = even_stack();
  series.slice_z_mm = {0, 8, 16, 24, 32, 40, 48, 56, 64, 96};
  check_series(series);
  ASSERT_EQ(series.problems.size(), 1U);
  EXPECT_THAT(series.problems[0].text, ::testing::HasSubstr("3 slices are missing"));
}

TEST(CheckSeries, LongAxisViewsNeedNoStack) {
  auto series = even_stack();
  series.view = "4ch";
  series.grid.size[2] = 1;
  EXPECT_THAT(checked(series), IsEmpty());
  series.view = "sax";
  EXPECT_THAT(checked(series), ElementsAre("single_slice"));
}

TEST(CheckTogether, ComparesFramesOfReference) {
  auto a = even_stack(), b = even_stack();
  EXPECT_EQ(share_frame({a, b}), std::nullopt);
  EXPECT_THAT(check_together({a, b}), IsEmpty());
  a.frame_of_reference = b.frame_of_reference = "one";
  EXPECT_EQ(share_frame({a, b}), true);
  b.frame_of_reference = "other";
  EXPECT_EQ(share_frame({a, b}), false);
  const auto problems = check_together({a, b});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].code, "different_frames");
}

}  // namespace dmcvr
