// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/polar_contour.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace dmcvr {
namespace {

using Pixels = std::vector<PlanePoint>;

// Centers of pixels of these sides whose center lies inside r(angle) around the center.
Pixels region(const PlanePoint& center, const std::array<double, 2>& side_mm,
              const std::function<double(double)>& radius_mm) {
  Pixels pixels;
  for (double x = 0; x < 120; x += side_mm[0]) {
    for (double y = 0; y < 120; y += side_mm[1]) {
      const double dx = x - center[0], dy = y - center[1];
      if (std::hypot(dx, dy) < radius_mm(std::atan2(dy, dx))) pixels.push_back({x, y});
    }
  }
  return pixels;
}

// Centered on a pixel, too, where the corners on all sides add up.
TEST(PolarContourProperty, CirclesAreFoundWithinHalfAPixel) {
  for (const double side : {1.0, 1.5, 2.0}) {
    for (const double radius : {5.3, 12.7, 20.3, 31.1}) {
      for (const PlanePoint& center : {PlanePoint{60, 60}, PlanePoint{58.3, 61.77}}) {
        const auto contour = polar_contour(
            region(center, {side, side}, [&](double) { return radius; }), center, {side, side});
        for (const double found : contour.radius_mm) EXPECT_NEAR(found, radius, side / 2);
      }
    }
  }
}

TEST(PolarContourProperty, AnOvalKeepsItsShapeAndItsArea) {
  const PlanePoint center = {59.2, 60.6};
  const auto radius = [](double angle) { return 24 + 4 * std::cos(2 * angle - 0.7); };
  const Pixels pixels = region(center, {1.2, 1.2}, radius);
  const auto contour = polar_contour(pixels, center, {1.2, 1.2});
  double area = 0;
  for (size_t n = 0; n < kContourAngles; ++n) {
    EXPECT_NEAR(contour.radius_mm[n], radius(contour_angle(n)), 0.4) << n;
    area += std::pow(contour.radius_mm[n], 2) * 3.14159265358979 / kContourAngles;
  }
  EXPECT_NEAR(area / (1.44 * static_cast<double>(pixels.size())), 1, 1e-9);
}

TEST(PolarContour, PixelsNeedNotBeSquare) {
  const PlanePoint center = {60, 60};
  const auto contour =
      polar_contour(region(center, {1, 1.8}, [](double) { return 20.0; }), center, {1, 1.8});
  for (const double found : contour.radius_mm) EXPECT_NEAR(found, 20, 0.45);
}

TEST(PolarContour, OfNothingIsAPoint) {
  const auto contour = polar_contour({}, {3, 4}, {1, 1});
  EXPECT_EQ(contour.radius_at(1), 0);
  EXPECT_EQ(contour.at(7), (PlanePoint{3, 4}));
}

TEST(PolarContour, RadiiBetweenAnglesAreLinearAndGoAround) {
  PolarContour contour;
  for (size_t n = 0; n < kContourAngles; ++n)
    contour.radius_mm[n] = 10 + static_cast<double>(n % 2);
  EXPECT_NEAR(contour.radius_at(contour_angle(3)), 11, 1e-9);
  EXPECT_NEAR(contour.radius_at(0.5 * contour_angle(1)), 10.5, 1e-9);
  EXPECT_NEAR(contour.radius_at(-0.5 * contour_angle(1)), 10.5, 1e-9);
  EXPECT_NEAR(contour.radius_at(contour_angle(kContourAngles + 3)), 11, 1e-9);
}

TEST(NearestDistances, BetweenCirclesAreTheNearestWays) {
  PolarContour inner, outer;
  inner.center = {2, 0};
  inner.radius_mm.fill(10);
  outer.radius_mm.fill(20);
  const auto outward = nearest_distances_mm(inner, outer);
  // From a point of the inner circle: what is left of the radius of the outer one.
  for (size_t n = 0; n < kContourAngles; ++n) {
    const PlanePoint p = inner.at(n);
    EXPECT_NEAR(outward[n], 20 - std::hypot(p[0], p[1]), 0.01);
  }
  EXPECT_NEAR(nearest_distances_mm(outer, inner)[0], 8, 0.01);
}

}  // namespace
}  // namespace dmcvr
