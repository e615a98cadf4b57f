// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/strokes.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// From the middle of a pixel to the segment from a to b.
double pixels_from(double row, double column, const PixelPoint& a, const PixelPoint& b) {
  const double down = b.row - a.row, right = b.column - a.column;
  const double squared = down * down + right * right;
  double along = 0;
  if (squared > 0)
    along = std::clamp(((row - a.row) * down + (column - a.column) * right) / squared, 0.0, 1.0);
  return std::hypot(row - a.row - along * down, column - a.column - along * right);
}

}  // namespace

void draw_line(Picture& canvas, const std::vector<PixelPoint>& points, double width_px,
               const Color& color) {
  auto coverage = torch::zeros({canvas.height(), canvas.width()});
  auto values = coverage.accessor<float, 2>();
  const double reach = width_px / 2 + 1;
  for (size_t n = 0; n + 1 < std::max<size_t>(points.size(), 2) && !points.empty(); ++n) {
    const PixelPoint &a = points[n], &b = points[std::min(n + 1, points.size() - 1)];
    const auto from = [&](double low) {
      return std::max<int64_t>(0, static_cast<int64_t>(std::floor(low - reach)));
    };
    const auto to = [&](double high, int64_t size) {
      return std::min(size, static_cast<int64_t>(std::ceil(high + reach)) + 1);
    };
    const int64_t bottom = to(std::max(a.row, b.row), canvas.height());
    const int64_t right = to(std::max(a.column, b.column), canvas.width());
    for (int64_t row = from(std::min(a.row, b.row)); row < bottom; ++row) {
      for (int64_t column = from(std::min(a.column, b.column)); column < right; ++column) {
        const double off =
            pixels_from(static_cast<double>(row) + 0.5, static_cast<double>(column) + 0.5, a, b);
        const auto share = static_cast<float>(std::clamp(width_px / 2 + 0.5 - off, 0.0, 1.0));
        values[row][column] = std::max(values[row][column], share);
      }
    }
  }
  blend(canvas, coverage, 0, 0, color);
}

}  // namespace dmcvr
