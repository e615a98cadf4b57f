// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/shaded_mesh.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr double kPi = 3.14159265358979323846;

// Rings of a ball from pole to pole.
Mesh ball(const Point& center, double radius_mm) {
  constexpr int64_t rings = 40, around = 80;
  Mesh mesh;
  for (int64_t k = 0; k <= rings; ++k) {
    const double polar = kPi * static_cast<double>(k) / rings;
    for (int64_t i = 0; i < around; ++i) {
      const double angle = 2 * kPi * static_cast<double>(i) / around;
      mesh.vertices.push_back(plus(
          center, {radius_mm * std::sin(polar) * std::cos(angle),
                   radius_mm * std::sin(polar) * std::sin(angle), radius_mm * std::cos(polar)}));
    }
  }
  for (int64_t k = 0; k < rings; ++k) {
    for (int64_t i = 0; i < around; ++i) {
      const int64_t next = (i + 1) % around;
      const int64_t a = k * around + i, b = k * around + next;
      mesh.triangles.push_back({a, a + around, b});
      mesh.triangles.push_back({b, a + around, b + around});
    }
  }
  return mesh;
}

// Right is +x and down is -z, so that rays run along +y.
Camera camera_of(double mm_per_pixel = 1) {
  Camera camera;
  camera.mm_per_pixel = mm_per_pixel;
  camera.height = 100;
  camera.width = 120;
  return camera;
}

constexpr Color kBlack = {0, 0, 0};

double red_at(const Picture& picture, int64_t row, int64_t column) {
  return picture.rgb[row][column][0].item<double>();
}
double blue_at(const Picture& picture, int64_t row, int64_t column) {
  return picture.rgb[row][column][2].item<double>();
}

}  // namespace

TEST(ShadedMeshProperty, ABallIsADiscOfItsSize) {
  ASSERT_GT(volume_ml(ball({0, 0, 0}, 30)), 0);
  for (const double mm_per_pixel : {1.0, 0.8}) {
    const Picture picture =
        draw_surfaces({{ball({0, 0, 0}, 30), {1, 0, 0}}}, camera_of(mm_per_pixel), kBlack);
    EXPECT_EQ(picture.height(), 100);
    EXPECT_EQ(picture.width(), 120);
    const double pixels = (picture.rgb.select(2, 0) > 0.1).sum().item<double>();
    // Pixels that the edge crosses count in part: half a pixel of the radius at most.
    EXPECT_NEAR(std::sqrt(pixels / kPi) * mm_per_pixel, 30, 0.5 * mm_per_pixel);
    EXPECT_EQ(picture.rgb.select(2, 1).max().item<double>(), 0);
  }
}

TEST(ShadedMesh, TheLampStandsAboveOnTheLeft) {
  const Picture picture = draw_surfaces({{ball({0, 0, 0}, 30), {0.8, 0, 0}}}, camera_of(), kBlack);
  EXPECT_GT(red_at(picture, 35, 45), red_at(picture, 50, 60));
  EXPECT_GT(red_at(picture, 50, 60), 2 * red_at(picture, 72, 78));
  EXPECT_GT(red_at(picture, 72, 78), 0.1);
}

TEST(ShadedMesh, WhatIsNearHidesWhatIsFarInAnyOrder) {
  const ShadedSurface near_ball = {ball({0, -50, 0}, 20), {1, 0, 0}};
  const ShadedSurface far_ball = {ball({10, 50, 0}, 20), {0, 0, 1}};
  const Picture one = draw_surfaces({near_ball, far_ball}, camera_of(), kBlack);
  const Picture other = draw_surfaces({far_ball, near_ball}, camera_of(), kBlack);
  EXPECT_TRUE(one.rgb.equal(other.rgb));
  EXPECT_GT(red_at(one, 50, 65), 0.3);
  EXPECT_EQ(blue_at(one, 50, 65), 0);
  EXPECT_GT(blue_at(one, 50, 85), 0.1);
}

TEST(ShadedMesh, ATransparentFrontLetsThroughWhatLiesBehind) {
  const ShadedSurface shell = {ball({0, 0, 0}, 40), {1, 0, 0}, 0.3};
  const ShadedSurface inside = {ball({0, 0, 0}, 15), {0, 0, 1}};
  const Picture alone = draw_surfaces({inside}, camera_of(), kBlack);
  const Picture both = draw_surfaces({shell, inside}, camera_of(), kBlack);
  EXPECT_NEAR(blue_at(both, 50, 60), 0.7 * blue_at(alone, 50, 60), 1e-5);
  EXPECT_GT(red_at(both, 50, 60), 0.1);
  EXPECT_EQ(blue_at(both, 50, 88), 0);
}

TEST(ShadedMesh, WhatIsOutsideThePictureIsLeftOut) {
  const Picture picture = draw_surfaces(
      {{ball({500, 0, 0}, 20), {1, 0, 0}}, {ball({60, 0, 0}, 20), {0, 0, 1}}, {Mesh(), {1, 1, 1}}},
      camera_of(), kBlack);
  EXPECT_EQ(picture.rgb.select(2, 0).max().item<double>(), 0);
  EXPECT_GT(blue_at(picture, 50, 119), 0.1);
}

}  // namespace dmcvr
