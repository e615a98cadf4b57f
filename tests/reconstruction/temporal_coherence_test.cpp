// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/temporal_coherence.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/reconstruction/assemble.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr double kRange = 200;

// Planes 0 and 3 are acquired, 1 and 2 generated but for their first column.
torch::Tensor toy_provenance() {
  auto provenance = torch::full({4, 6, 8}, kAcquired, torch::kUInt8);
  provenance.slice(0, 1, 3).fill_(kGenerated).select(2, 0).zero_();
  return provenance;
}

// A block of each structure in every plane; it fills columns 1 to 6.
torch::Tensor toy_labels() {
  auto labels = torch::zeros({4, 6, 8}, torch::kUInt8);
  labels.slice(1, 1, 5).slice(2, 1, 3).fill_(kRvc);
  labels.slice(1, 1, 5).slice(2, 3, 5).fill_(kLvm);
  labels.slice(1, 1, 5).slice(2, 5, 7).fill_(kLvc);
  return labels;
}

}  // namespace

TEST(TemporalCoherence, AStaticFilmDoesNotChange) {
  CoherenceMeter meter(toy_provenance(), kRange);
  const auto voxels = torch::rand({4, 6, 8}) * 100;
  for (int t = 0; t < 3; ++t) meter.add(voxels, toy_labels());
  const auto coherence = meter.result();
  ASSERT_TRUE(coherence.has_value());
  EXPECT_EQ(coherence->pairs, 2);
  for (const PhaseChange& change : {coherence->acquired, coherence->generated}) {
    for (const double dice : change.dice) EXPECT_EQ(dice, 1);
    EXPECT_EQ(change.mean_dice, 1);
    EXPECT_EQ(change.intensity, 0);
  }
  EXPECT_TRUE(std::isnan(coherence->label_ratio));  // nothing to compare it with
  EXPECT_TRUE(std::isnan(coherence->intensity_ratio));
}

TEST(TemporalCoherence, FlickerOfGeneratedPlanesAlone) {
  CoherenceMeter meter(toy_provenance(), kRange);
  const auto sign = torch::tensor({1., 3., 3., 1.}).view({4, 1, 1});
  for (int t = 0; t < 5; ++t) {
    // Brightness of acquired planes goes up and down by 10, that of generated ones by 30. In odd
    // phases an acquired plane loses one of its eight pixels of LVC, a generated one half.
    auto labels = toy_labels();
    if (t % 2 == 1) {
      for (const int64_t plane : {0, 3}) labels[plane][1][5] = 0;
      for (const int64_t plane : {1, 2}) labels[plane].slice(0, 1, 5).select(1, 5).zero_();
    }
    meter.add((100 + (t % 2) * 10 * sign).expand({4, 6, 8}).to(torch::kFloat32), labels);
  }
  const auto coherence = meter.result();
  ASSERT_TRUE(coherence.has_value());
  EXPECT_EQ(coherence->pairs, 4);
  EXPECT_NEAR(coherence->acquired.intensity, 10 / kRange, 1e-6);
  EXPECT_NEAR(coherence->generated.intensity, 30 / kRange, 1e-6);
  EXPECT_NEAR(coherence->intensity_ratio, 3, 1e-5);
  EXPECT_NEAR(coherence->acquired.dice[0], 2 * 7. / (8 + 7), 1e-12);
  EXPECT_NEAR(coherence->generated.dice[0], 2 * 4. / (8 + 4), 1e-12);
  EXPECT_EQ(coherence->generated.dice[1], 1);
  EXPECT_NEAR(coherence->label_ratio, (1 - 2. / 3) / (1 - 14. / 15), 1e-9);
  EXPECT_NE(coherence_line(*coherence).find("3.00 times"), std::string::npos);
}

TEST(TemporalCoherence, LooksAtTheHeartAlone) {
  CoherenceMeter meter(toy_provenance(), kRange);
  for (int t = 0; t < 3; ++t) {
    auto voxels = torch::full({4, 6, 8}, 100.);
    voxels.select(1, 0).fill_(100. * t);  // beside its box
    meter.add(voxels, toy_labels());
  }
  EXPECT_EQ(meter.result()->acquired.intensity, 0);
  EXPECT_EQ(meter.result()->generated.intensity, 0);
}

TEST(TemporalCoherence, TwoPhasesAreNoFilm) {
  CoherenceMeter meter(toy_provenance(), kRange);
  for (int t = 0; t < 2; ++t) meter.add(torch::zeros({4, 6, 8}), toy_labels());
  EXPECT_FALSE(meter.result().has_value());
}

TEST(TemporalCoherence, WithoutLabelsThereIsNothingToCompare) {
  CoherenceMeter meter(toy_provenance(), kRange);
  for (int t = 0; t < 3; ++t)
    meter.add(torch::zeros({4, 6, 8}), torch::zeros({4, 6, 8}, torch::kUInt8));
  const auto coherence = meter.result();
  ASSERT_TRUE(coherence.has_value());
  EXPECT_TRUE(std::isnan(coherence->generated.mean_dice));
  const auto json = nlohmann::json::parse(coherence_json(*coherence).dump());
  EXPECT_TRUE(json.at("generated").at("dice").at("LVC").is_null());
  EXPECT_NE(coherence_line(*coherence).find("Dice - generated"), std::string::npos);
}

}  // namespace dmcvr
