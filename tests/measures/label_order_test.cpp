// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/label_order.h"

#include "measures/toy_hearts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

TEST(EnclosedShare, IsThatOfTheRim) {
  Labels labels = test::toy_labels(test::toy_grid(2, 8), {6});
  EXPECT_EQ(enclosed_share(labels, kLvc, kLvm), 1);
  // The wall: 24 sides inside, 32 outside, 2 of them to the RV.
  EXPECT_NEAR(enclosed_share(labels, kLvm, kLvc), 24 / 56.0, 1e-12);
  EXPECT_NEAR(enclosed_share(labels, kLvm, kRvc), 2 / 56.0, 1e-12);
  EXPECT_NEAR(enclosed_share(labels, kRvc, kLvm), 2 / 10.0, 1e-12);
  labels.voxels.zero_();
  EXPECT_EQ(enclosed_share(labels, kLvc, kLvm), 0);
}

// Every other order of the three values is found out, and the right one is left alone.
TEST(BetterLabelOrderProperty, IsFoundForEveryPermutation) {
  const Labels right = test::toy_labels(test::toy_grid(4, 8), {6, 4});
  EXPECT_FALSE(better_label_order(right));
  std::vector<int64_t> values = {kLvc, kLvm, kRvc};
  const std::vector<std::string> names = {"LVC", "LVM", "RVC"};
  while (std::next_permutation(values.begin(), values.end())) {
    Labels wrong = right;
    wrong.voxels = torch::zeros_like(right.voxels);
    LabelTable expected;
    for (size_t n = 0; n < 3; ++n) {
      wrong.voxels.masked_fill_(right.voxels == static_cast<int64_t>(n) + 1, values[n]);
      expected[values[n]] = names[n];
    }
    const auto found = better_label_order(wrong);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, expected);
  }
}

TEST(BetterLabelOrder, SaysNothingWithoutEvidence) {
  Labels labels = test::toy_labels(test::toy_grid(2, 8), {6});
  labels.voxels.masked_fill_(labels.voxels == kLvm, 0);
  EXPECT_FALSE(better_label_order(labels));
  labels.voxels.zero_();
  EXPECT_FALSE(better_label_order(labels));
}

}  // namespace
}  // namespace dmcvr
