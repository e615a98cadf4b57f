// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/trabeculae.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr float kRadiusMm = 25;

// On a circle of 25 mm, `depth_mm` inside.
Trabeculae::Place place_at(float turn, float depth_mm, float z_mm) {
  const float angle = 6.2831853f * turn, r = kRadiusMm - depth_mm;
  return {r * std::cos(angle), r * std::sin(angle), z_mm, turn, depth_mm};
}

double mean_muscle(const Trabeculae& trabeculae, float depth_mm, float reach_mm) {
  double sum = 0;
  int count = 0;
  for (float z = 0; z < 60; z += 3) {
    for (float turn = 0; turn < 1; turn += 0.01f, ++count)
      sum += trabeculae.muscle_at(place_at(turn, depth_mm, z), reach_mm);
  }
  return sum / count;
}

}  // namespace

TEST(TrabeculaeProperty, MuscleThinsOutFromTheEdgeInward) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Trabeculae trabeculae(seed, "test", 32);
    double outer = 1;
    for (const float depth_mm : {0.0f, 2.0f, 4.0f, 7.0f}) {
      const double mean = mean_muscle(trabeculae, depth_mm, 6);
      EXPECT_LT(mean, outer) << depth_mm;
      outer = mean;
    }
    EXPECT_GT(mean_muscle(trabeculae, 0, 6), 0.5) << seed;
    EXPECT_EQ(mean_muscle(trabeculae, 11, 6), 0) << seed;
    EXPECT_EQ(mean_muscle(trabeculae, -0.5, 0), 0) << seed;
  }
}

TEST(TrabeculaeProperty, TheyCloseAroundTheTurn) {
  const Trabeculae trabeculae(2, "test", 64);
  for (float z = 0; z < 50; z += 2) {
    EXPECT_NEAR(trabeculae.muscle_at(place_at(0, 1, z), 6),
                trabeculae.muscle_at(place_at(1, 1, z), 6), 1e-3);
  }
}

}  // namespace dmcvr
