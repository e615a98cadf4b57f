// SPDX-License-Identifier: Apache-2.0
// Hearts of square discs whose volumes are counted by hand.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/measures/heart.h"

#include <string>
#include <utility>
#include <vector>

namespace dmcvr::test {

// 2 x 2 mm pixels, left-handed and oblique as ACDC's stacks may be.
inline Grid toy_grid(int64_t planes, double pitch_mm) {
  Grid grid;
  grid.size = {24, 20, planes};
  grid.world_from_voxel.matrix = {
      {{-2, 0, 0}, {0, 1.2, 0.8 * pitch_mm}, {0, 1.6, -0.6 * pitch_mm}}};
  grid.world_from_voxel.offset = {10, -20, 30};
  return grid;
}

// In every plane a cavity of cavity x cavity pixels within a wall of one pixel, and an RV of 2 x 3
// pixels beside it.
inline void draw_heart_plane(torch::Tensor plane, int64_t cavity) {
  plane.slice(0, 2, 4 + cavity).slice(1, 2, 4 + cavity).fill_(kLvm);
  plane.slice(0, 3, 3 + cavity).slice(1, 3, 3 + cavity).fill_(kLvc);
  plane.slice(0, 3, 5).slice(1, 4 + cavity, 7 + cavity).fill_(kRvc);
}

// A cylinder whose cavity has so many pixels per side, one number per phase.
inline Labels toy_labels(const Grid& grid, const std::vector<int64_t>& cavities) {
  Labels labels{grid, torch::zeros({static_cast<int64_t>(cavities.size()), grid.size[2],
                                    grid.size[1], grid.size[0]},
                                   torch::kUInt8)};
  for (size_t t = 0; t < cavities.size(); ++t) {
    for (int64_t k = 0; k < grid.size[2]; ++k)
      draw_heart_plane(labels.voxels[static_cast<int64_t>(t)][k], cavities[t]);
  }
  return labels;
}

// Five slices 8 mm apart. Of 0.16 ml in a slice per cavity pixel: cavity² x 0.16 ml in all.
inline LabeledHeart toy_heart(const std::vector<std::string>& names,
                              const std::vector<int64_t>& cavities) {
  LabeledHeart heart;
  heart.name = "toy";
  heart.phase_names = names;
  heart.slices = toy_labels(toy_grid(5, 8), cavities);
  heart.slice_z_mm = plane_positions(heart.slices.grid);
  return heart;
}

}  // namespace dmcvr::test
