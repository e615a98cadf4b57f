// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/heart_cameras.h"

#include "dmcvr/figures/views.h"

#include <algorithm>

namespace dmcvr {

std::array<Camera, 2> heart_cameras(const Labels& labels, int64_t side, double margin_mm) {
  const HeartAxes axes = heart_axes(labels);
  Camera across;
  across.center = axes.center;
  across.right = times(-1, axes.to_right_ventricle);
  across.down = axes.to_apex;
  const std::array<Point, 3> along = {across.right, across.down,
                                      cross(across.down, axes.to_right_ventricle)};
  double largest_mm = 0;
  for (size_t axis = 0; axis < 3; ++axis) {
    const double middle_mm = 0.5 * (axes.lower[axis] + axes.upper[axis]);
    across.center = plus(across.center, times(middle_mm, along[axis]));
    largest_mm = std::max(largest_mm, axes.upper[axis] - axes.lower[axis]);
  }
  across.mm_per_pixel = (largest_mm + 2 * margin_mm) / static_cast<double>(side);
  across.height = across.width = side;
  Camera from_right = across;
  from_right.right = cross(across.down, across.right);
  return {across, from_right};
}

}  // namespace dmcvr
