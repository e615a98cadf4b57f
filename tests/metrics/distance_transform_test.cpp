// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/distance_transform.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

// By definition: the smallest of all distances.
torch::Tensor distance_by_definition(const torch::Tensor& mask, const Spacing& spacing) {
  const auto step = torch::tensor({spacing[0], spacing[1], spacing[2]}, torch::kFloat64);
  const auto all = torch::ones_like(mask).nonzero().to(torch::kFloat64) * step;  // [V, 3]
  const auto marked = mask.nonzero().to(torch::kFloat64) * step;                 // [M, 3]
  const auto squares = (all.unsqueeze(1) - marked.unsqueeze(0)).square().sum(2);
  return std::get<0>(squares.min(1)).sqrt().view(mask.sizes());
}

TEST(DistanceTransformProperty, EqualsItsDefinition) {
  const std::vector<std::vector<int64_t>> shapes = {
      {1, 1, 1}, {5, 7, 6}, {1, 9, 8}, {9, 1, 4}, {3, 12, 1}};
  for (int seed = 0; seed < 20; ++seed) {
    for (const auto& shape : shapes) {
      auto mask = test::golden_input("mask" + std::to_string(seed), shape) > 1 - 0.1 * seed;
      mask.flatten()[mask.numel() / 2] = true;
      for (const Spacing& spacing :
           {Spacing{1, 1, 1}, Spacing{10, 1.82, 1.82}, Spacing{0.5, 3, 1.1}}) {
        const auto expected = distance_by_definition(mask, spacing);
        EXPECT_TRUE(distance_to(mask, spacing).allclose(expected, 1e-12, 1e-12))
            << seed << " " << mask.sizes();
      }
    }
  }
}

TEST(DistanceTransform, IsZeroInsideAndInfiniteForAnEmptyMask) {
  const auto full = torch::ones({2, 3, 4}, torch::kBool);
  EXPECT_TRUE(distance_to(full, {1, 1, 1}).equal(torch::zeros({2, 3, 4}, torch::kFloat64)));
  EXPECT_TRUE(distance_to(~full, {1, 1, 1}).isinf().all().item<bool>());
  EXPECT_EQ(distance_to(torch::zeros({0, 3, 4}, torch::kBool), {1, 1, 1}).numel(), 0);
}

TEST(DistanceTransform, WrongInputIsRefused) {
  EXPECT_THROW(distance_to(torch::ones({3, 4}, torch::kBool), {1, 1, 1}), c10::Error);
  EXPECT_THROW(distance_to(torch::ones({2, 3, 4}), {1, 1, 1}), c10::Error);
  EXPECT_THROW(distance_to(torch::ones({2, 3, 4}, torch::kBool), {1, 0, 1}), c10::Error);
}

}  // namespace
}  // namespace dmcvr
