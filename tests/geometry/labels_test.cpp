// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/labels.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Labels acdc_labels() {
  Grid grid;
  grid.size = {4, 1, 1};
  return {grid, torch::tensor({0, 1, 2, 3}, torch::kUInt8).reshape({1, 1, 1, 4}),
          acdc_label_table()};
}

}  // namespace

TEST(Labels, ChecksTheVoxels) {
  Labels labels = acdc_labels();
  EXPECT_NO_THROW(labels.check());
  labels.voxels = labels.voxels.to(torch::kInt64);
  EXPECT_THROW(labels.check(), c10::Error);
  labels.voxels = torch::zeros({1, 1, 4}, torch::kUInt8);
  EXPECT_THROW(labels.check(), c10::Error);
}

TEST(Relabel, MatchesByName) {
  const Labels acdc = acdc_labels();
  const Labels ours = relabel(acdc, label_table());
  EXPECT_TRUE(ours.voxels.flatten().equal(torch::tensor({0, 3, 2, 1}, torch::kUInt8)));
  EXPECT_EQ(ours.table, label_table());
  EXPECT_TRUE(relabel(ours, acdc_label_table()).voxels.equal(acdc.voxels));
}

TEST(Relabel, LeavesItsInputAlone) {
  const Labels acdc = acdc_labels();
  relabel(acdc, label_table());
  EXPECT_TRUE(acdc.voxels.flatten().equal(torch::tensor({0, 1, 2, 3}, torch::kUInt8)));
}

TEST(Relabel, ReadsTransposedVoxelsInTheirOrder) {
  Labels labels = acdc_labels();
  labels.grid.size = {2, 3, 1};
  labels.voxels = torch::tensor({{0, 1, 2}, {3, 2, 1}}, torch::kUInt8).t().reshape({1, 1, 3, 2});
  ASSERT_TRUE(relabel(labels, label_table())
                  .voxels[0][0]
                  .equal(torch::tensor({{0, 1}, {3, 2}, {2, 3}}, torch::kUInt8)));
}

TEST(Relabel, RefusesValuesWithoutAName) {
  Labels labels = acdc_labels();
  labels.voxels[0][0][0][0] = 7;
  EXPECT_THROW(relabel(labels, label_table()), Error);
  labels = acdc_labels();
  labels.table[4] = "aorta";
  EXPECT_THROW(relabel(labels, label_table()), Error);
}

}  // namespace dmcvr
