// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/spline.h"

#include "support.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

double spline_at(const torch::Tensor& coefficients, double x, double y) {
  const auto plane = coefficients[0];
  const auto column = spline_taps(x, plane.size(1)), row = spline_taps(y, plane.size(0));
  double sum = 0;
  for (size_t b = 0; b < 4; ++b) {
    for (size_t a = 0; a < 4; ++a) {
      sum += column.weight[a] * row.weight[b] * plane[row.index[b]][column.index[a]].item<double>();
    }
  }
  return sum;
}

}  // namespace

TEST(Spline, PassesThroughThePixels) {
  for (const auto& [height, width] : {std::pair{7, 5}, {40, 64}, {1, 6}, {2, 2}, {3, 1}}) {
    const auto slice = test::golden_input("spline", {1, height, width});
    const auto coefficients = spline_coefficients(slice);
    for (int64_t row = 0; row < height; ++row) {
      for (int64_t column = 0; column < width; ++column) {
        EXPECT_NEAR(spline_at(coefficients, static_cast<double>(column), static_cast<double>(row)),
                    slice[0][row][column].item<double>(), 1e-12);
      }
    }
  }
}

TEST(Spline, WeightsSumToOneEverywhere) {
  for (double x = 0; x <= 9; x += 0.125) {
    const SplineTaps taps = spline_taps(x, 10);
    double sum = 0;
    for (size_t n = 0; n < 4; ++n) {
      sum += taps.weight[n];
      EXPECT_GE(taps.index[n], 0);
      EXPECT_LT(taps.index[n], 10);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

// A cubic polynomial, far from the borders, where slices are mirrored.
TEST(Spline, ReproducesCubics) {
  const auto cubic = [](double x) { return 1 + x - 0.2 * x * x + 0.003 * x * x * x; };
  auto slice = torch::empty({1, 1, 64}, torch::kFloat64);
  for (int64_t x = 0; x < 64; ++x) slice[0][0][x] = cubic(static_cast<double>(x));
  const auto coefficients = spline_coefficients(slice);
  for (const double x : {30.1, 31.5, 32.75})
    EXPECT_NEAR(spline_at(coefficients, x, 0), cubic(x), 1e-9);
}

}  // namespace dmcvr
