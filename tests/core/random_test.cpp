// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>
#include <vector>

namespace dmcvr {

TEST(StreamSeed, DiffersBySeedPurposeAndIndex) {
  std::set<uint64_t> seeds;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const auto* purpose : {"", "a", "b", "ab", "ba"}) {
      for (uint64_t index = 0; index < 20; ++index) seeds.insert(stream_seed(seed, purpose, index));
    }
  }
  EXPECT_EQ(seeds.size(), 20U * 5U * 20U);
}

TEST(Generator, RepeatsItsStream) {
  auto a = make_generator(7, "noise", 3);
  auto b = make_generator(7, "noise", 3);
  EXPECT_TRUE(torch::randn({100}, a).equal(torch::randn({100}, b)));
  EXPECT_EQ(uniform(a), uniform(b));
}

TEST(Uniform, FillsItsRange) {
  auto generator = make_generator(1, "uniform");
  double sum = 0;
  double low = 10, high = -10;
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    const double value = uniform(generator, -2, 4);
    sum += value, low = std::min(low, value), high = std::max(high, value);
  }
  EXPECT_GE(low, -2);
  EXPECT_LT(high, 4);
  EXPECT_LT(low, -1.99);
  EXPECT_GT(high, 3.99);
  EXPECT_NEAR(sum / kCount, 1, 0.05);  // 4 standard errors
}

TEST(UniformIndex, ReachesEveryIndexAlike) {
  auto generator = make_generator(1, "index");
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 7000; ++i) ++counts.at(uniform_index(generator, 7));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 130);  // 4.4 standard errors
}

TEST(Normal, HasItsMeanAndDeviation) {
  auto generator = make_generator(1, "normal");
  double sum = 0, squares = 0;
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    const double value = normal(generator, 3, 2);
    sum += value, squares += (value - 3) * (value - 3);
  }
  EXPECT_NEAR(sum / kCount, 3, 0.06);
  EXPECT_NEAR(std::sqrt(squares / kCount), 2, 0.05);
}

}  // namespace dmcvr
