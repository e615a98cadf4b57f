// SPDX-License-Identifier: Apache-2.0
// A heart of circles in the world, whatever grid looks at it: a cylinder of an LV with a wall whose
// thickness depends on the angle, and an RV at a known place.
#pragma once

#include "dmcvr/geometry/labels.h"

#include <array>
#include <cmath>
#include <functional>

namespace dmcvr::test {

constexpr double kDegree = 3.14159265358979323846 / 180;

// Angles in degrees, counter-clockwise as seen from the apex, 0 in the middle of the anterior wall.
struct RingHeart {
  double cavity_mm = 20;  // radius
  std::function<double(double angle)> wall_mm = [](double) { return 9.0; };
  double rv_begin = 30, rv_end = 150;  // the insertions
  double length_mm = 88, rv_length_mm = 66;
};

// The long axis of a heart in the chest: to the left, front and feet.
inline Point ring_apex() {
  return unit_vector({-0.65, 0.6, -0.45});
}
inline Point ring_anterior() {
  return unit_vector(minus({0, 0, 1}, times(dot({0, 0, 1}, ring_apex()), ring_apex())));
}

struct RingGrid {
  double turn = 0;  // of the pictures, degrees
  bool has_flipped_columns = false, has_flipped_slices = false;
  double pixel_mm = 1.5, pitch_mm = 8;
  int64_t planes = 11;
};

// Planes in which the heart lies, with their middle a little beside its axis.
inline Grid ring_grid(const RingGrid& wish) {
  const Point apex = ring_apex(), u = ring_anterior(), v = cross(apex, u);
  const double c = std::cos(wish.turn * kDegree), s = std::sin(wish.turn * kDegree);
  Point columns = plus(times(c, u), times(s, v)), rows = plus(times(-s, u), times(c, v));
  if (wish.has_flipped_columns) columns = times(-1, columns);
  Point slices = apex;
  double first_mm = wish.pitch_mm / 2;
  if (wish.has_flipped_slices) {
    slices = times(-1, apex);
    first_mm += wish.pitch_mm * static_cast<double>(wish.planes - 1);
  }
  Grid grid;
  const auto pixels = static_cast<int64_t>(108 / wish.pixel_mm);
  grid.size = {pixels, pixels, wish.planes};
  for (size_t i = 0; i < 3; ++i) {
    grid.world_from_voxel.matrix[i] = {columns[i] * wish.pixel_mm, rows[i] * wish.pixel_mm,
                                       slices[i] * wish.pitch_mm};
  }
  const double half_mm = 0.5 * static_cast<double>(pixels - 1) * wish.pixel_mm;
  grid.world_from_voxel.offset =
      plus(times(first_mm, apex), minus(times(-half_mm, plus(columns, rows)), times(0.4, u)));
  return grid;
}

inline Labels ring_labels(const RingHeart& heart, const Grid& grid) {
  const Point apex = ring_apex(), u = ring_anterior(), v = cross(apex, u);
  Labels labels{grid, torch::zeros({1, grid.size[2], grid.size[1], grid.size[0]}, torch::kUInt8)};
  auto voxels = labels.voxels.accessor<uint8_t, 4>();
  for (int64_t k = 0; k < grid.size[2]; ++k) {
    for (int64_t j = 0; j < grid.size[1]; ++j) {
      for (int64_t i = 0; i < grid.size[0]; ++i) {
        const Point p = grid.world_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        const double z = dot(p, apex), r = std::hypot(dot(p, u), dot(p, v));
        double angle = std::atan2(dot(p, v), dot(p, u)) / kDegree;
        if (angle < 0) angle += 360;
        if (z < 0 || z > heart.length_mm) continue;
        const double epicardium_mm = heart.cavity_mm + heart.wall_mm(angle);
        if (r < heart.cavity_mm) {
          voxels[0][k][j][i] = kLvc;
        } else if (r < epicardium_mm) {
          voxels[0][k][j][i] = kLvm;
        } else if (r < epicardium_mm + 12 && z < heart.rv_length_mm && angle > heart.rv_begin &&
                   angle < heart.rv_end) {
          voxels[0][k][j][i] = kRvc;
        }
      }
    }
  }
  return labels;
}

}  // namespace dmcvr::test
