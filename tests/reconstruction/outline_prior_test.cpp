// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/outline_prior.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/reconstruction/shape.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

constexpr std::array<double, 2> kPriorPixel = {1, 1};

torch::Tensor prior_slice(int64_t wall, int64_t right) {
  auto labels = torch::zeros({40, 40}, torch::kUInt8);
  labels.slice(0, 20 - wall, 20 + wall).slice(1, 22 - wall, 22 + wall).fill_(kLvm);
  labels.slice(0, 24 - wall, 16 + wall).slice(1, 26 - wall, 18 + wall).fill_(kLvc);
  labels.slice(0, 20 - right, 20 + right).slice(1, 5, 5 + right).fill_(kRvc);
  return labels;
}

}  // namespace

TEST(OutlinePrior, IsAProbabilityAndMostLikelyWhatShapesSay) {
  const auto labels = torch::stack({prior_slice(12, 4), prior_slice(8, 2)});
  const std::vector<double> z = {2, 5, 9};
  const auto prior = outline_prior(heart_outlines(labels, kPriorPixel), {0, 10}, z);
  // The least probability, 1e-6 of each label, is all that may be too much.
  EXPECT_TRUE(prior.exp().sum(1).allclose(torch::ones({3, 40, 40}), 0, 5e-6));
  const auto shapes = mix_shapes(labels, {0, 10}, z, kPriorPixel);
  // Products of two steps: near where three labels meet the largest of four need not be theirs.
  EXPECT_LT((prior.argmax(1).to(torch::kUInt8) != shapes).sum().item<int64_t>(), 12);
}

TEST(OutlinePrior, IsLessCertainFartherFromTheSlices) {
  const auto labels = torch::stack({prior_slice(12, 4), prior_slice(12, 4)});
  const auto doubt = [&](double z_mm) {  // entropy
    const auto prior = outline_prior(heart_outlines(labels, kPriorPixel), {0, 20}, {z_mm});
    return -(prior.exp() * prior).sum().item<double>();
  };
  EXPECT_LT(doubt(4), doubt(7));
  EXPECT_LT(doubt(7), doubt(10));
  EXPECT_NEAR(doubt(7), doubt(13), 1e-2);
}

TEST(OutlinePrior, WhatEndsShrinksToNothingHalfWay) {
  const auto labels = torch::stack({prior_slice(12, 4), prior_slice(12, 0)});
  const auto count = [&](double z_mm) {
    const auto prior = outline_prior(heart_outlines(labels, kPriorPixel), {0, 10}, {z_mm});
    return (prior.argmax(1) == int64_t{kRvc}).sum().item<int64_t>();
  };
  EXPECT_EQ(count(0), (labels[0] == kRvc).sum().item<int64_t>());
  EXPECT_LT(count(4), count(0));
  EXPECT_GT(count(4), 0);
  EXPECT_EQ(count(6), 0);
}

TEST(OutlinePrior, WeightGoesFromThePictureToTheOutlines) {
  const auto labels = torch::stack({prior_slice(12, 4), prior_slice(12, 4)});
  const auto prior = outline_prior(heart_outlines(labels, kPriorPixel), {0, 10}, {5});
  auto seen = torch::full({1, 4, 40, 40}, 0.1);
  seen.select(1, kRvc).fill_(0.7);
  EXPECT_TRUE((most_likely_with(seen, prior, 0) == kRvc).all().item<bool>());
  EXPECT_TRUE(most_likely_with(seen, prior, 1).equal(prior.argmax(1).to(torch::kUInt8)));
  // Half and half the surer one wins: the outlines far from their borders.
  EXPECT_EQ(most_likely_with(seen, prior, 0.5)[0][0][0].item<int>(), 0);
}

}  // namespace dmcvr
