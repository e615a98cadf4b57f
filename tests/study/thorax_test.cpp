// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/thorax.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

PicturePlane test_plane() {
  PicturePlane plane;
  plane.columns = 150;
  plane.rows = 140;
  plane.spacing_mm = 2.4;
  plane.z_mm = 30;
  plane.across = {std::cos(0.3), std::sin(0.3)};
  plane.origin_mm = {-140, -190};
  return plane;
}

}  // namespace

TEST(PicturePlane, PixelsAndMillimetersAreInverse) {
  const PicturePlane plane = test_plane();
  for (const auto& [column, row] : {std::pair{0, 0}, std::pair{149, 3}, std::pair{70, 139}}) {
    const auto p = plane.at(column, row);
    const auto back = plane.pixel_of(p[0], p[1]);
    EXPECT_NEAR(back[0], column, 1e-9);
    EXPECT_NEAR(back[1], row, 1e-9);
  }
}

TEST(PicturePlane, AWindowHoldsAllPixelsOfItsCircle) {
  const PicturePlane plane = test_plane();
  for (const auto& center : {plane.at(70, 60), plane.at(1, 139), plane.at(-40, 20)}) {
    const PixelWindow window = window_around(center[0], center[1], 30, plane);
    for (int64_t j = 0; j < plane.rows; ++j) {
      for (int64_t i = 0; i < plane.columns; ++i) {
        const auto p = plane.at(i, j);
        if (std::hypot(p[0] - center[0], p[1] - center[1]) > 30) continue;
        ASSERT_TRUE(i >= window.first_column && i <= window.last_column && j >= window.first_row &&
                    j <= window.last_row);
      }
    }
  }
  const auto far = plane.at(400, 400);
  const PixelWindow empty = window_around(far[0], far[1], 30, plane);
  EXPECT_GT(empty.first_column, empty.last_column);
}

TEST(ThoraxProperty, LungsAreDarkFatIsBrightAndAirIsAir) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const Contrast contrast;
    const Thorax thorax(seed, {}, contrast);
    const auto picture = thorax.paint(test_plane());
    EXPECT_TRUE(picture.ge(0).all().item<bool>());
    EXPECT_LT(picture.max().item<float>(), 2 * contrast.fat);
    // Nothing is empty: there is air around the body, and every kind of tissue in it.
    const auto share = [&](double low, double high) {
      return ((picture >= low) & (picture < high)).to(torch::kFloat64).mean().item<double>();
    };
    EXPECT_GT(share(-1e-6, 1e-6), 0.01) << seed;  // air
    EXPECT_GT(share(0.03, 0.08), 0.05) << seed;   // lung
    EXPECT_GT(share(0.15, 0.35), 0.03) << seed;   // muscle and liver
    EXPECT_GT(share(0.5, 1), 0.01) << seed;      // fat
  }
}

TEST(Thorax, SeedsDifferAndTheSameSeedDoesNot) {
  const auto paint = [](uint64_t seed) { return Thorax(seed, {}, {}).paint(test_plane()); };
  EXPECT_TRUE(paint(1).equal(paint(1)));
  EXPECT_FALSE(paint(1).equal(paint(2)));
}

TEST(Thorax, ShadingIsOneAtTheHeartAndPositive) {
  const Thorax thorax(3, {}, {});
  PicturePlane plane = test_plane();
  plane.origin_mm = {0, 0};
  plane.z_mm = 0;
  const auto shading = thorax.shading(plane);
  EXPECT_NEAR(shading[0][0].item<float>(), 1, 1e-6);
  EXPECT_GT(shading.min().item<float>(), 0);
  EXPECT_LT(thorax.shading(test_plane()).max().item<float>(), 4);
}

TEST(Cover, GrowsFromZeroToOneOverTheBorder) {
  EXPECT_EQ(cover(-1, 2), 0);
  EXPECT_FLOAT_EQ(cover(0, 2), 0.5);
  EXPECT_EQ(cover(1, 2), 1);
  EXPECT_EQ(cover(50, 2), 1);
}

}  // namespace dmcvr
