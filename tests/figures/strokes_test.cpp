// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/strokes.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr Color kWhite = {1, 1, 1};

double ink(const Picture& picture) {
  return picture.rgb.select(2, 0).to(torch::kFloat64).sum().item<double>();
}

TEST(DrawLineProperty, CoversItsLengthTimesItsWidth) {
  const std::vector<PixelPoint> lines[] = {
      {{30, 10}, {30, 70}}, {{5, 40}, {65, 40}}, {{10.3, 12}, {55, 63.7}}};
  for (const auto& points : lines) {
    for (const double width : {2.0, 5.0}) {
      Picture canvas = blank_picture(80, 80, {});
      draw_line(canvas, points, width, kWhite);
      const double length =
          std::hypot(points[1].row - points[0].row, points[1].column - points[0].column);
      const double area = length * width + 3.14159265 * width * width / 4;
      EXPECT_NEAR(ink(canvas), area, 0.05 * area);
    }
  }
}

TEST(DrawLine, OnePointIsADiskAndNoneIsNothing) {
  Picture canvas = blank_picture(40, 40, {});
  draw_line(canvas, {}, 10, kWhite);
  EXPECT_EQ(ink(canvas), 0);
  draw_line(canvas, {{20, 20}}, 12, kWhite);
  EXPECT_NEAR(ink(canvas), 3.14159265 * 36, 6);
}

TEST(DrawLine, ALineThatComesBackIsNoDarker) {
  Picture once = blank_picture(40, 40, {}), twice = once;
  twice.rgb = once.rgb.clone();
  draw_line(once, {{10, 5}, {22, 33}}, 3, kWhite);
  draw_line(twice, {{10, 5}, {22, 33}, {10, 5}}, 3, kWhite);
  EXPECT_TRUE(once.rgb.equal(twice.rgb));
}

TEST(DrawLine, WhatFallsOutsideIsLeftOut) {
  Picture canvas = blank_picture(20, 20, {});
  draw_line(canvas, {{-50, -50}, {70, 70}}, 4, kWhite);
  draw_line(canvas, {{-10, 5}, {-10, 50}}, 4, kWhite);
  EXPECT_GT(ink(canvas), 60);
  EXPECT_LE(canvas.rgb.max().item<float>(), 1);
}

}  // namespace
}  // namespace dmcvr
