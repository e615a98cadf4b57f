// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/encode.h"

#include "reconstruction/tiny_networks.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace dmcvr {
namespace {

EncodeOptions three_nodes(int64_t batch_size) {
  EncodeOptions options;
  options.solver.nodes = 3;
  options.batch_size = batch_size;
  return options;
}

double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace

TEST(Encode, GivesThreeCodesASlice) {
  auto networks = test::tiny_networks();
  const Codes codes = encode(test::tiny_pictures(3), networks, three_nodes(2));
  EXPECT_EQ(codes.z_sem.sizes(), at::IntArrayRef({3, 16}));
  EXPECT_EQ(codes.l_mor.sizes(), at::IntArrayRef({3, 64, 4, 4}));
  EXPECT_EQ(codes.x_T.sizes(), at::IntArrayRef({3, 1, 64, 64}));
}

TEST(Encode, ADiffusionAutoencoderHasNoMorphology) {
  auto networks = test::tiny_networks(false);
  const Codes codes = encode(test::tiny_pictures(2), networks, three_nodes(2));
  EXPECT_FALSE(codes.l_mor.defined());
}

TEST(Encode, MorphologyIsReadInTheRangeOfTheSegmenter) {
  auto networks = test::tiny_networks();
  const auto pictures = test::tiny_pictures(1);
  const Codes codes = encode(pictures, networks, three_nodes(1));
  const at::NoGradGuard no_gradients;
  EXPECT_LT(difference(codes.l_mor, networks.segmenter.network->morphology(pictures)), 1e-5);
  EXPECT_LT(difference(codes.z_sem, networks.generator.network->encode(pictures * 2 - 1)), 1e-5);
}

TEST(Encode, BatchesOfAnySizeGiveTheSameCodes) {
  auto networks = test::tiny_networks();
  const auto pictures = test::tiny_pictures(3);
  const Codes one = encode(pictures, networks, three_nodes(1)),
              all = encode(pictures, networks, three_nodes(8));
  EXPECT_LT(difference(one.z_sem, all.z_sem), 1e-5);
  EXPECT_LT(difference(one.l_mor, all.l_mor), 1e-5);
  EXPECT_LT(difference(one.x_T, all.x_T), 1e-5);
}

TEST(Encode, AnyNumberOfThreadsGivesTheSameCodes) {
  auto networks = test::tiny_networks();
  const auto pictures = test::tiny_pictures(5);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Codes one = encode(pictures, networks, three_nodes(5));
  at::set_num_threads(3);
  const Codes three = encode(pictures, networks, three_nodes(5));
  at::set_num_threads(threads);
  EXPECT_LT(difference(one.z_sem, three.z_sem), 1e-5);
  EXPECT_LT(difference(one.l_mor, three.l_mor), 1e-5);
  EXPECT_LT(difference(one.x_T, three.x_T), 1e-5);
}

TEST(Encode, DrawnCodesDependOnTheSeedAlone) {
  auto networks = test::tiny_networks();
  EncodeOptions options = three_nodes(2);
  options.stochastic_code = StochasticCode::drawn;
  options.seed = 5;
  const auto a = encode(test::tiny_pictures(3, "a"), networks, options).x_T;
  const auto b = encode(test::tiny_pictures(3, "b"), networks, options).x_T;
  EXPECT_TRUE(a.equal(b));
  EXPECT_TRUE(a[0].equal(a[2]));
  options.seed = 6;
  EXPECT_FALSE(encode(test::tiny_pictures(3, "b"), networks, options).x_T.equal(b));
  EXPECT_EQ(evaluations(options), 0);
}

TEST(Encode, WhatProgressThrowsStopsItAndArrives) {
  auto networks = test::tiny_networks();
  const auto refuse = [](int64_t, int64_t) { throw std::runtime_error("enough"); };
  try {
    encode(test::tiny_pictures(4), networks, three_nodes(4), refuse);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "enough");
  }
}

TEST(Encode, ProgressRisesToItsTotal) {
  auto networks = test::tiny_networks();
  std::vector<int64_t> seen;
  encode(test::tiny_pictures(3), networks, three_nodes(2), [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 3 * evaluations(three_nodes(2)));
    seen.push_back(done);
  });
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 6);
}

}  // namespace dmcvr
