// SPDX-License-Identifier: Apache-2.0
// Grids turned in space, as scanners give them.
#pragma once

#include "dmcvr/core/random.h"
#include "dmcvr/geometry/grid.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace dmcvr::test {

// A seeded rotation and offset; 7 x 6 x 5 voxels. A left-handed grid has its slices reversed.
inline Grid oblique_grid(uint64_t seed, bool left_handed,
                         const std::array<double, 3>& spacing = {1.4, 1.6, 7.5}) {
  auto generator = make_generator(seed, "oblique grid");
  double q[4], norm = 0;
  for (double& part : q) {
    part = normal(generator);
    norm += part * part;
  }
  for (double& part : q) part /= std::sqrt(norm);
  const double a = q[0], b = q[1], c = q[2], d = q[3];
  Grid grid;
  grid.size = {7, 6, 5};
  grid.world_from_voxel.matrix = {
      {{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
       {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
       {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c}}};
  for (auto& row : grid.world_from_voxel.matrix) {
    for (int axis = 0; axis < 3; ++axis) row[axis] *= spacing[axis];
    if (left_handed) row[2] = -row[2];
  }
  for (double& part : grid.world_from_voxel.offset) part = uniform(generator, -200, 200);
  return grid;
}

}  // namespace dmcvr::test
