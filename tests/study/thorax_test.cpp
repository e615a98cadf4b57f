// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/thorax.h"

#include "study/chest_plane.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
using test::chest_plane;

TEST(ThoraxProperty, LungsAreDarkFatIsBrightAndAirIsAir) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const Contrast contrast;
    const Thorax thorax(seed, {}, contrast);
    const auto signal = thorax.paint(chest_plane()), picture = signal.abs();
    EXPECT_LT(picture.max().item<float>(), -2 * contrast.fat);
    // Fat is negative.
    EXPECT_LT(signal.min().item<float>(), 0.8f * contrast.fat);
    // Nothing is empty: there is air around the body, and every kind of tissue in it.
    const auto share = [&](double low, double high) {
      return ((picture >= low) & (picture < high)).to(torch::kFloat64).mean().item<double>();
    };
    EXPECT_GT(share(-1e-6, 1e-6), 0.01) << seed;  // air
    EXPECT_GT(share(0.03, 0.08), 0.05) << seed;   // lung
    EXPECT_GT(share(0.15, 0.35), 0.03) << seed;   // muscle and liver
    EXPECT_GT(share(0.5, 1), 0.01) << seed;       // fat
  }
}

// The corner between heart, chest wall and diaphragm is closed by fat, and the lung above is not.
TEST(Thorax, FatFillsTheCornersAroundTheHeart) {
  ThoraxShape alone, with_heart;
  with_heart.heart_radius_mm = 45;
  with_heart.heart_end = {-20, 0};
  with_heart.heart_center_z_mm = 30;
  with_heart.heart_half_length_mm = 60;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto fat = [&](const ThoraxShape& shape) {
      return (Thorax(seed, shape, {}).paint(chest_plane()) < -0.4).to(torch::kFloat64);
    };
    const auto added = fat(with_heart) - fat(alone);
    EXPECT_GT(added.sum().item<double>(), 100) << seed;
  }
}

TEST(Thorax, SeedsDifferAndTheSameSeedDoesNot) {
  const auto paint = [](uint64_t seed) { return Thorax(seed, {}, {}).paint(chest_plane()); };
  EXPECT_TRUE(paint(1).equal(paint(1)));
  EXPECT_FALSE(paint(1).equal(paint(2)));
}

TEST(Thorax, ShadingIsOneAtTheHeartAndPositive) {
  const Thorax thorax(3, {}, {});
  PicturePlane plane = chest_plane();
  plane.origin_mm = {0, 0};
  plane.z_mm = 0;
  const auto shading = thorax.shading(plane);
  EXPECT_NEAR(shading[0][0].item<float>(), 1, 1e-6);
  EXPECT_GT(shading.min().item<float>(), 0);
  EXPECT_LT(thorax.shading(chest_plane()).max().item<float>(), 4);
}

}  // namespace dmcvr
