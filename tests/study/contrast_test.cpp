// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/contrast.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(ContrastProperty, BloodIsBrighterThanMuscleAndFatPointsTheOtherWay) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Contrast contrast = draw_contrast(seed);
    EXPECT_EQ(contrast.air, 0);
    EXPECT_LT(contrast.lung, contrast.muscle) << seed;
    EXPECT_GE(contrast.muscle, 0.25f * contrast.blood - 1e-6f) << seed;
    EXPECT_LE(contrast.muscle, 0.51f * contrast.blood + 1e-6f) << seed;
    EXPECT_LT(contrast.fat, -0.75f * contrast.blood) << seed;
    EXPECT_EQ(draw_contrast(seed).fat, contrast.fat) << seed;
  }
  EXPECT_NE(draw_contrast(1).muscle, draw_contrast(2).muscle);
}

}  // namespace dmcvr
