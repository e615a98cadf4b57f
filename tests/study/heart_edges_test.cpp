// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_edges.h"

#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {

TEST(HeartEdgesProperty, LayersKeepTheirOrderAndTheLabelsTheirOutlines) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const HeartShape shape = draw_heart(seed);
    for (const double contraction : {0.0, 1.0}) {
      const HeartPhase phase = heart_at(shape, contraction);
      const double first_mm = std::max(phase.z_base_mm, phase.z_rv_base_mm) + 0.1;
      for (double z = first_mm; z < phase.z_apex_mm(); z += 7) {
        const HeartEdges edges = heart_edges(shape, {1, 2, 8}, phase, z);
        const CrossSection section = cross_section(shape, phase, z);
        EXPECT_EQ(edges.section.endo, section.endo);
        EXPECT_EQ(edges.rv, section.rv);
        EXPECT_EQ(edges.left_collar, 1);
        for (size_t i = 0; i < section.epi.size(); ++i) {
          ASSERT_GE(edges.wall[i], edges.rv[i]) << seed << " z " << z;
          ASSERT_GE(edges.fat[i], edges.wall[i]) << seed << " z " << z;
          ASSERT_LE(edges.left_mm[i], 0.5f * section.endo[i]);
          ASSERT_LE(edges.right_mm[i], section.rv[i] - section.epi[i]);
        }
        EXPECT_GE(edges.largest_mm, *std::max_element(edges.fat.begin(), edges.fat.end()) - 1e-3);
      }
    }
  }
}

// The mean of a circle is the circle: fat without a pad or patches fills grooves alone.
TEST(HeartEdges, FatFillsTheGroovesBetweenTheVentricles) {
  HeartShape shape = draw_heart(1, {-1, -1, Pathology::normal});
  shape.fat_mm = 0;
  shape.epicardium = {};
  const HeartPhase phase = heart_at(shape, 0);
  const HeartEdges edges = heart_edges(shape, {1, 0, 0}, phase, 25);
  const auto fat_at = [&](double angle) {
    const auto position =
        table_position(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
    return look_up(edges.fat, position) - look_up(edges.wall, position);
  };
  EXPECT_NEAR(fat_at(shape.rv_angle + 3.14), 0, 1e-3);  // the free wall of the left ventricle
  double front = 0, back = 0;
  for (double away = 0.9; away < 2; away += 0.02) {
    front = std::max(front, static_cast<double>(fat_at(shape.rv_angle + away)));
    back = std::max(back, static_cast<double>(fat_at(shape.rv_angle - away)));
  }
  EXPECT_GT(front, 1);
  EXPECT_GT(back, 1);
}

TEST(HeartEdges, MuscleEndsAboveTheBaseAndBelowTheApex) {
  const HeartShape shape = draw_heart(4);
  const HeartPhase phase = heart_at(shape, 0.5);
  const auto at = [&](double z_mm) { return heart_edges(shape, {}, phase, z_mm); };
  float before = 1;
  for (double above_mm = 2; above_mm < 24; above_mm += 4) {
    const float collar = at(phase.z_base_mm - above_mm).left_collar;
    EXPECT_LE(collar, before);
    before = collar;
  }
  EXPECT_EQ(before, 0);
  EXPECT_EQ(at(phase.z_rv_base_mm - 25).right_collar, 0);
  EXPECT_EQ(at(phase.z_apex_mm() + 1).left_collar, 0);
  EXPECT_GT(at(phase.z_apex_mm() + 1).largest_mm, 0);
}

}  // namespace dmcvr
