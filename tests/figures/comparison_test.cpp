// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/comparison.h"

#include "support.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

ComparisonRow toy_row() {
  ComparisonRow row;
  row.title = "ed";
  row.plane.size = {40, 36, 1};
  row.plane.world_from_voxel.matrix = {{{2, 0, 0}, {0, 2, 0}, {0, 0, 8}}};
  row.box = {{8, 8, 0}, {30, 28, 0}};
  const auto image = test::golden_input("comparison", {36, 40}, 100, 200);
  auto labels = torch::zeros({36, 40}, torch::kUInt8);
  labels.slice(0, 10, 24).slice(1, 12, 26).fill_(kLvm);
  labels.slice(0, 13, 21).slice(1, 15, 23).fill_(kLvc);
  row.slices = {{"truth", image, labels, ""}, {"a", image * 0.9, labels, ".9"}};
  return row;
}

ComparisonOptions small_tiles() {
  ComparisonOptions options;
  options.tile_px = 60;
  return options;
}

}  // namespace

TEST(Comparison, HasAColumnPerMethodAndARowPerPhase) {
  const auto row = toy_row();
  const Picture one = comparison("toy", {row}, small_tiles());
  auto wider = row;
  wider.slices.push_back({"b", {}, row.slices[0].labels, ""});
  EXPECT_GE(comparison("toy", {wider}, small_tiles()).width(), one.width() + 60);
  EXPECT_GE(comparison("toy", {row, row}, small_tiles()).height(), one.height() + 120);
  EXPECT_GE(one.rgb.min().item<float>(), 0);
  EXPECT_LE(one.rgb.max().item<float>(), 1);
  EXPECT_TRUE(one.rgb.equal(comparison("toy", {row}, small_tiles()).rgb));
}

TEST(Comparison, ShowsWhatDiffers) {
  const Picture before = comparison("toy", {toy_row()}, small_tiles());
  auto row = toy_row();
  row.slices[1].labels = row.slices[1].labels.roll(4, 1);
  EXPECT_FALSE(comparison("toy", {row}, small_tiles()).rgb.equal(before.rgb));
  row = toy_row();
  row.slices[1].image = row.slices[1].image.roll(4, 1);
  EXPECT_FALSE(comparison("toy", {row}, small_tiles()).rgb.equal(before.rgb));
}

TEST(Comparison, AMethodMayLackPictureOrLabelsButTheTruthHasAPicture) {
  auto row = toy_row();
  row.slices.push_back({"labels alone", {}, row.slices[0].labels, ""});
  row.slices.push_back({"picture alone", row.slices[0].image, {}, ""});
  EXPECT_NO_THROW(comparison("toy", {row}, small_tiles()));
  row.slices.front().labels = torch::Tensor();
  EXPECT_NO_THROW(comparison("toy", {row}, small_tiles()));
  row.slices.front().image = torch::Tensor();
  EXPECT_THROW(comparison("toy", {row}, small_tiles()), c10::Error);
}

TEST(Comparison, WithoutAnyLabelsThereIsNoLineOfOutlines) {
  auto row = toy_row();
  const Picture outlined = comparison("toy", {row}, small_tiles());
  for (ComparedSlice& slice : row.slices) slice.labels = torch::Tensor();
  EXPECT_LE(comparison("toy", {row}, small_tiles()).height(), outlined.height() - 60);
}

}  // namespace dmcvr
