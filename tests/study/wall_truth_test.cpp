// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/wall_truth.h"

#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr double kQuarterTurn = 1.57079632679489661923;

HeartShape even_heart() {
  HeartShape shape;
  shape.rv_angle = 2 * kQuarterTurn;
  return shape;
}

// Circles around one axis: the ways are the differences of radii, at every angle.
TEST(WallTruth, OfCirclesIsTheDifferenceOfRadii) {
  const HeartShape shape = even_heart();
  for (const double contraction : {0.0, 1.0}) {
    const HeartPhase phase = heart_at(shape, contraction);
    const auto wall = true_wall_mm(shape, phase);
    const double tip_mm = phase.z_center_mm + phase.endo_b_mm;
    for (int level = 0; level < 3; ++level) {
      constexpr int kSteps = 3000;
      double mean = 0;
      for (int n = 0; n < kSteps; ++n) {
        const double z =
            phase.z_base_mm + (tip_mm - phase.z_base_mm) * ((n + 0.5) / kSteps + level) / 3;
        const auto profile = [&](double b) {
          return std::sqrt(1 - std::pow((z - phase.z_center_mm) / b, 2));
        };
        mean += (phase.epi_a_mm * profile(phase.epi_b_mm) -
                 phase.endo_a_mm * profile(phase.endo_b_mm)) /
                kSteps;
      }
      const int first = 6 * level, count = level < 2 ? 6 : 4;
      for (int s = first; s < first + count; ++s)
        EXPECT_NEAR(wall[static_cast<size_t>(s)], mean, 0.05) << contraction << " " << s + 1;
    }
  }
}

// The frame is left-handed, seen from the apex its angles run clockwise: with the RV at the
// patient's right, 180 degrees, the anterior wall lies at 270, the feet at 90.
TEST(WallTruth, SegmentsLieWhereTheRvSays) {
  const std::pair<double, size_t> thickest[] = {
      {3 * kQuarterTurn + 0.3, 0}, {2.4 * kQuarterTurn, 1}, {1.75 * kQuarterTurn, 2},
      {1.1 * kQuarterTurn, 3},     {0.4 * kQuarterTurn, 4}, {-0.3 * kQuarterTurn, 5}};
  for (const auto& [angle, segment] : thickest) {
    HeartShape shape = even_heart();
    shape.torsion = 0;
    shape.rv_half_width = 60 * kQuarterTurn / 90 / 0.95;  // insertions near 120 and 240 degrees
    shape.epicardium.amplitude[0] = 0.08;
    shape.epicardium.angle[0] = angle;
    const auto wall = true_wall_mm(shape, heart_at(shape, 0));
    for (size_t s = 0; s < 6; ++s) {
      EXPECT_LE(wall[s], wall[segment]) << segment + 1 << " against " << s + 1;
      EXPECT_LE(wall[6 + s], wall[6 + segment]) << segment + 7 << " against " << s + 7;
    }
  }
}

TEST(WallTruthProperty, HeartsHaveWallsThatThicken) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const HeartShape shape = draw_heart(seed);
    const auto ed = true_wall_mm(shape, heart_at(shape, 0));
    const auto es = true_wall_mm(shape, heart_at(shape, 1));
    double ed_sum = 0, es_sum = 0;
    for (size_t s = 0; s < kWallSegments; ++s) {
      EXPECT_GT(ed[s], 1) << seed;
      EXPECT_LT(es[s], 40) << seed;
      ed_sum += ed[s];
      es_sum += es[s];
    }
    EXPECT_GT(es_sum, 1.05 * ed_sum) << seed;
  }
}

}  // namespace
}  // namespace dmcvr
