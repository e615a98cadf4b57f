// SPDX-License-Identifier: Apache-2.0
// Where the pixels of a painted picture lie, in the coordinates of heart_model.h.
#pragma once

#include <array>
#include <cstdint>

namespace dmcvr {

// Where the pixels of a picture lie. Columns run along `across`, a unit vector in the x-y plane;
// rows run at a right angle to it, downward for across = +x.
struct PicturePlane {
  int64_t columns = 1, rows = 1;
  double spacing_mm = 1;
  double z_mm = 0;
  std::array<double, 2> origin_mm = {0, 0};  // center of pixel (0, 0)
  std::array<double, 2> across = {1, 0};

  std::array<double, 2> at(int64_t column, int64_t row) const;     // center, in mm
  std::array<double, 2> pixel_of(double x_mm, double y_mm) const;  // its inverse
};

// Pixels that a circle can touch, a border of two included; last before first where there are none.
struct PixelWindow {
  int64_t first_column, last_column, first_row, last_row;
};
PixelWindow window_around(double x_mm, double y_mm, double radius_mm, const PicturePlane& plane);

// How much of a border between inside (distance > 0) and outside a pixel sees: 0 to 1 over
// `soft_mm`.
inline float cover(double distance_mm, double soft_mm) {
  const double share = distance_mm / soft_mm + 0.5;
  return static_cast<float>(share < 0 ? 0 : share > 1 ? 1 : share);
}

}  // namespace dmcvr
