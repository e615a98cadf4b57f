// SPDX-License-Identifier: Apache-2.0
// A dense label map of formulas.
#pragma once

#include "dmcvr/core/label_table.h"
#include "dmcvr/study/tissue_map.h"

#include <cmath>

namespace dmcvr::test {

// The left ventricle of ellipsoids, 80 mm long, and a ball for the right one; the heart's frame is
// the map's own, shifted.
inline TissueMap ellipsoid_map() {
  TissueMap map;
  map.grid.size = {150, 100, 130};
  map.grid.world_from_voxel.offset = {-90, -50, -20};
  map.voxels = torch::zeros({130, 100, 150}, torch::kUInt8);
  auto* voxels = map.voxels.data_ptr<uint8_t>();
  for (int64_t k = 0; k < 130; ++k) {
    for (int64_t j = 0; j < 100; ++j) {
      for (int64_t i = 0; i < 150; ++i) {
        const auto x = static_cast<double>(i - 90), y = static_cast<double>(j - 50);
        const auto z = static_cast<double>(k - 20);
        const auto inside = [&](double a, double b) {
          return z >= 0 && (x * x + y * y) / (a * a) + z * z / (b * b) <= 1;
        };
        Tissue tissue = Tissue::none;
        if (std::hypot(x + 45, y, z - 30) < 25) tissue = Tissue::rvc;
        if (inside(33, 80)) tissue = Tissue::lvm;
        if (inside(23, 70)) tissue = Tissue::lvc;
        voxels[(k * 100 + j) * 150 + i] = static_cast<uint8_t>(tissue);
      }
    }
  }
  map.world_from_heart.matrix = {{{1, 0, 0}, {0, -1, 0}, {0, 0, 1}}};
  map.length_mm = 80;
  return map;
}

}  // namespace dmcvr::test
