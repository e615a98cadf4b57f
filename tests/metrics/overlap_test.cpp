// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/overlap.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(OverlapGolden, EveryRowOfTheTable) {
  const auto golden = test::golden("metrics_latents");
  const auto truth = golden.at("gt"), prediction = golden.at("pred");
  const auto rows = [&](int64_t label) {
    return label == 0 ? overlap(prediction > 0, truth > 0)
                      : overlap(prediction == label, truth == label);
  };
  std::vector<torch::Tensor> table;
  for (int64_t row = 0; row < 8; ++row) {  // spacing plays no part here
    const Overlap found = rows(row % 4);
    table.push_back(torch::tensor({found.dice, found.voe, found.vd}, torch::kFloat64));
  }
  const auto said = torch::stack(table), expected = golden.at("metrics").narrow(1, 0, 3);
  test::expect_close(said.select(1, 0), expected.select(1, 0), 1e-6, "DICE");
  // The file holds VOE as a float32 percentage, good to 2e-6.
  test::expect_close(said.select(1, 1), expected.select(1, 1), 5e-6, "VOE");
  test::expect_close(said.select(1, 2), expected.select(1, 2), 1e-6, "VD");

  // Another implementation's Dice, with background as its first class.
  std::vector<double> dice;
  for (int64_t label = 0; label < 4; ++label)
    dice.push_back(overlap(prediction == label, truth == label).dice);
  test::expect_close(torch::tensor(dice, torch::kFloat64), golden.at("val.dice"), 1e-6,
                     "validation Dice");
}

TEST(OverlapProperty, BoundsAndSymmetry) {
  for (int seed = 0; seed < 50; ++seed) {
    const auto a = test::golden_input("a" + std::to_string(seed), {4, 5, 6}) > 0.2;
    const auto b = test::golden_input("b" + std::to_string(seed), {4, 5, 6}) > -0.3;
    const Overlap ab = overlap(a, b), ba = overlap(b, a);
    EXPECT_EQ(ab.dice, ba.dice);
    EXPECT_EQ(ab.voe, ba.voe);
    EXPECT_GE(ab.dice, 0);
    EXPECT_LE(ab.dice, 1);
    const double jaccard = 1 - ab.voe / 100;  // D = 2J / (1 + J)
    EXPECT_NEAR(ab.dice, 2 * jaccard / (1 + jaccard), 1e-12);
    EXPECT_NEAR((1 + ab.vd / 100) * (1 + ba.vd / 100), 1, 1e-12);
    const Overlap same = overlap(a, a);
    EXPECT_EQ(same.dice, 1);
    EXPECT_EQ(same.voe, 0);
    EXPECT_EQ(same.vd, 0);
  }
}

TEST(Overlap, EmptyMasksHaveADocumentedResult) {
  const auto empty = torch::zeros({2, 3, 3}, torch::kBool),
             full = torch::ones({2, 3, 3}, torch::kBool);
  EXPECT_TRUE(std::isnan(overlap(empty, empty).dice));
  EXPECT_TRUE(std::isnan(overlap(empty, empty).voe));
  EXPECT_TRUE(std::isnan(overlap(empty, empty).vd));
  EXPECT_EQ(overlap(full, empty).dice, 0);
  EXPECT_EQ(overlap(full, empty).voe, 100);
  EXPECT_TRUE(std::isnan(overlap(full, empty).vd));
  EXPECT_EQ(overlap(empty, full).dice, 0);
  EXPECT_EQ(overlap(empty, full).vd, -100);
}

TEST(Overlap, OnlyMasksOfOneShapeAreTaken) {
  const auto mask = torch::ones({2, 3, 3}, torch::kBool);
  EXPECT_THROW(overlap(mask, torch::ones({2, 3, 4}, torch::kBool)), c10::Error);
  EXPECT_THROW(overlap(mask, torch::ones({2, 3, 3})), c10::Error);
}

}  // namespace
}  // namespace dmcvr
