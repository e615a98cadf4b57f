// SPDX-License-Identifier: Apache-2.0
// A small heart for tests of figures: a leaning cone with a wall, and a disk beside it.
#pragma once

#include "dmcvr/geometry/labels.h"

#include <cmath>

namespace dmcvr::test {

struct ToyHeart {
  Labels labels;
  Point to_apex;  // unit vector of the world
  Point to_right_ventricle;
};

// One phase on a grid of 48 x 40 x 13 voxels of 2 x 2 x 5 mm turned in space. The cavity's center
// moves `lean` columns per slice; the apex is the last slice.
inline ToyHeart toy_heart(double lean = 0.4) {
  ToyHeart heart;
  Grid& grid = heart.labels.grid;
  grid.size = {48, 40, 13};
  const double angle = 0.4;
  grid.world_from_voxel.matrix = {{{-2 * std::cos(angle), 0, -5 * std::sin(angle)},
                                   {0, -2, 0},
                                   {2 * std::sin(angle), 0, -5 * std::cos(angle)}}};
  grid.world_from_voxel.offset = {40, 30, -10};
  heart.labels.voxels = torch::zeros({1, 13, 40, 48}, torch::kUInt8);
  auto voxels = heart.labels.voxels.accessor<uint8_t, 4>();
  for (int64_t k = 1; k < 12; ++k) {
    const double column = 26 + lean * (static_cast<double>(k) - 6),
                 radius = 8 - 0.5 * static_cast<double>(k);
    for (int64_t j = 0; j < 40; ++j) {
      for (int64_t i = 0; i < 48; ++i) {
        const double left =
            std::hypot(static_cast<double>(i) - column, static_cast<double>(j) - 20.);
        const double right =
            std::hypot(static_cast<double>(i) - column + 13, static_cast<double>(j) - 20.);
        if (k < 9 && right < radius) voxels[0][k][j][i] = kRvc;
        if (left < radius + 4) voxels[0][k][j][i] = kLvm;
        if (left < radius) voxels[0][k][j][i] = kLvc;
      }
    }
  }
  const auto unit = [](const Point& p) {
    const double norm = std::hypot(p[0], p[1], p[2]);
    return Point{p[0] / norm, p[1] / norm, p[2] / norm};
  };
  const Point across = grid.world_from_voxel.column(0), along = grid.world_from_voxel.column(2);
  heart.to_apex =
      unit({along[0] + lean * across[0], along[1] + lean * across[1], along[2] + lean * across[2]});
  heart.to_right_ventricle = unit({-across[0], -across[1], -across[2]});
  return heart;
}

// The same heart in space, stored with the given axes (0 columns, 1 rows, 2 slices) counted
// backwards.
inline Labels stored_backwards(const Labels& labels, int axis) {
  Labels result = labels;
  Affine& affine = result.grid.world_from_voxel;
  Point last = {0, 0, 0};
  last[axis] = static_cast<double>(labels.grid.size[axis] - 1);
  affine.offset = affine(last);
  for (int row = 0; row < 3; ++row) affine.matrix[row][axis] *= -1;
  result.voxels = labels.voxels.flip(3 - axis).contiguous();
  return result;
}

inline double dot(const Point& a, const Point& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

}  // namespace dmcvr::test
