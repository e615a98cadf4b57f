// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_chambers.h"

#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {

TEST(Bar, DepthIsThatOfACapsule) {
  const Bar bar{0, 0, 10, 0, 2};
  EXPECT_FLOAT_EQ(bar.depth_mm(5, 0), 2);
  EXPECT_FLOAT_EQ(bar.depth_mm(5, 3), -1);
  EXPECT_FLOAT_EQ(bar.depth_mm(13, 4), -3);
  const Bar disk{1, 1, 1, 1, 2};
  EXPECT_FLOAT_EQ(disk.depth_mm(1, 4), -1);
}

TEST(HeartChambersProperty, AllFourStandOnTheBaseAndEnd) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const HeartShape shape = draw_heart(seed);
    const HeartChambers chambers(seed, shape);
    for (const double contraction : {0.0, 1.0}) {
      const HeartPhase phase = heart_at(shape, contraction);
      const double base_mm = std::min(phase.z_base_mm, phase.z_rv_base_mm);
      EXPECT_EQ(chambers.at(phase, base_mm - 1).size(), kChambers) << seed;
      EXPECT_TRUE(chambers.at(phase, std::max(phase.z_base_mm, phase.z_rv_base_mm) + 1).empty());
      EXPECT_TRUE(chambers.at(phase, base_mm - 110).empty());
    }
  }
}

TEST(HeartChambersProperty, AtriaFillWhileTheVentriclesEject) {
  // The area of a chamber, summed over planes of 1 mm, in ml.
  const auto chamber_ml = [](const HeartChambers& chambers, const HeartPhase& phase,
                             Chamber chamber) {
    double ml = 0;
    for (double z = phase.z_base_mm + 20; z > phase.z_base_mm - 110; z -= 1) {
      for (const auto& disk : chambers.at(phase, z)) {
        if (disk.chamber == chamber) ml += 3.14159 * std::pow(disk.bar.radius_mm, 2) / 1000;
      }
    }
    return ml;
  };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const HeartShape shape = draw_heart(seed);
    const HeartChambers chambers(seed, shape);
    const HeartPhase ed = heart_at(shape, 0), es = heart_at(shape, 1);
    for (const Chamber atrium : {Chamber::left_atrium, Chamber::right_atrium}) {
      const double least = chamber_ml(chambers, ed, atrium);
      // Left atria of adults hold 15 to 120 ml before the kick and after the filling; a plausible
      // chamber is not far outside.
      EXPECT_GT(least, 15) << seed;
      EXPECT_LT(least, 180) << seed;
      EXPECT_GT(chamber_ml(chambers, es, atrium), 1.1 * least) << seed;
    }
  }
}

TEST(HeartChambersProperty, BarsBeginAtTheFreeWallOfTheRightVentricle) {
  const HeartShape shape = draw_heart(3);
  const HeartChambers chambers(3, shape);
  const HeartPhase phase = heart_at(shape, 0);
  size_t count = 0;
  for (double z = 5; z < 60; z += 5) {
    const CrossSection section = cross_section(shape, phase, z);
    for (const Bar& bar : chambers.right_bars(section, phase, z)) {
      ++count;
      const auto position = table_position(static_cast<float>(bar.x0), static_cast<float>(bar.y0));
      EXPECT_NEAR(std::hypot(bar.x0, bar.y0), look_up(section.rv, position), 0.2);
      EXPECT_LE(std::hypot(bar.x1, bar.y1), std::hypot(bar.x0, bar.y0) + 5);
    }
  }
  EXPECT_GT(count, 5u);
}

}  // namespace dmcvr
