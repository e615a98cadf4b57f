// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/picture_plane.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {

std::array<double, 2> PicturePlane::at(int64_t column, int64_t row) const {
  const double x = static_cast<double>(column) * spacing_mm,
               y = static_cast<double>(row) * spacing_mm;
  return {origin_mm[0] + across[0] * x - across[1] * y,
          origin_mm[1] + across[1] * x + across[0] * y};
}

std::array<double, 2> PicturePlane::pixel_of(double x_mm, double y_mm) const {
  const double x = (x_mm - origin_mm[0]) / spacing_mm, y = (y_mm - origin_mm[1]) / spacing_mm;
  return {across[0] * x + across[1] * y, across[0] * y - across[1] * x};
}

PixelWindow window_around(double x_mm, double y_mm, double radius_mm, const PicturePlane& plane) {
  const auto center = plane.pixel_of(x_mm, y_mm);
  const double reach = radius_mm / plane.spacing_mm + 2;
  const auto first = [&](double at, int64_t count) {
    return static_cast<int64_t>(std::clamp(std::ceil(at - reach), 0.0, static_cast<double>(count)));
  };
  const auto last = [&](double at, int64_t count) {
    return static_cast<int64_t>(
        std::clamp(std::floor(at + reach), -1.0, static_cast<double>(count - 1)));
  };
  return {first(center[0], plane.columns), last(center[0], plane.columns),
          first(center[1], plane.rows), last(center[1], plane.rows)};
}

}  // namespace dmcvr
