// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/segment.h"

#include "support_models.h"

#include <gtest/gtest.h>

namespace dmcvr {
TEST(Segment, ProbabilitiesAddUpToOne) {
  auto segmenter = test::golden_tiny_segmenter();
  const auto pictures = test::golden_input("pictures", {3, 1, 32, 48}, 0.5, 0.5);
  const auto probabilities = label_probabilities(pictures, segmenter, 2);
  EXPECT_EQ(probabilities.sizes(), at::IntArrayRef({3, 4, 32, 48}));
  EXPECT_LT((probabilities.sum(1) - 1).abs().max().item<double>(), 1e-5);
}

TEST(Segment, BatchesOfAnySizeGiveTheSame) {
  auto segmenter = test::golden_tiny_segmenter();
  const auto pictures = test::golden_input("pictures", {5, 1, 32, 32}, 0.5, 0.5);
  const auto one = label_probabilities(pictures, segmenter, 1);
  const auto all = label_probabilities(pictures, segmenter, 5);
  EXPECT_LT((one - all).abs().max().item<double>(), 1e-5);
}

TEST(Segment, TheMostLikelyLabelWinsAndTheFirstOfEquals) {
  const auto probabilities = torch::tensor({0.1, 0.4, 0.4, 0.1}).reshape({1, 4, 1, 1});
  EXPECT_EQ(most_likely(probabilities).item<int>(), 1);
  EXPECT_EQ(most_likely(probabilities).scalar_type(), torch::kUInt8);
  EXPECT_EQ(most_likely(torch::zeros({1, 4, 2, 2})).max().item<int>(), 0);
}

TEST(Segment, MemoryGrowsWithThePicture) {
  EXPECT_EQ(segmenter_bytes(small_medformer(), 256 * 256),
            4 * segmenter_bytes(small_medformer(), 128 * 128));
}

}  // namespace dmcvr
