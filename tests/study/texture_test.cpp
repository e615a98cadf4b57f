// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/texture.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {

TEST(Texture, RepeatsAfter32StepsAndDiffersBetweenSeeds) {
  const Texture texture(1, "test"), other(2, "test");
  double difference = 0;
  for (int i = 0; i < 50; ++i) {
    const float x = 0.37f * static_cast<float>(i) - 9, y = 1.13f * static_cast<float>(i), z = 5.5f;
    EXPECT_NEAR(texture(x, y, z), texture(x + 32, y - 64, z + 32), 1e-3);
    difference += std::abs(texture(x, y, z) - other(x, y, z));
  }
  EXPECT_GT(difference / 50, 0.1);
}

TEST(Texture, HasMeanZeroAndDeviationOneAtLatticePoints) {
  const Texture texture(3, "test");
  double sum = 0, squares = 0;
  for (int n = 0; n < 32 * 32 * 32; ++n) {
    const double value = texture(static_cast<float>(n % 32), static_cast<float>(n / 32 % 32),
                                 static_cast<float>(n / 1024));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 32768, 0, 0.03);
  EXPECT_NEAR(squares / 32768, 1, 0.03);
}

TEST(TextureProperty, IsContinuous) {
  const Texture texture(4, "test");
  for (int i = 0; i < 200; ++i) {
    const float x = 0.21f * static_cast<float>(i) - 20, y = 0.5f * x, z = -0.3f * x;
    // Lattice values differ by less than 12 deviations.
    EXPECT_NEAR(texture(x, y, z), texture(x + 1e-3f, y, z), 0.012);
  }
}

}  // namespace dmcvr
