// SPDX-License-Identifier: Apache-2.0
// A stack of blobs on an oblique grid: enough for everything but a trained network.
#pragma once

#include "support.h"

#include "dmcvr/study/study.h"

namespace dmcvr::test {

inline Grid tiny_grid(int64_t slices, double pitch_mm) {
  Grid grid;
  grid.size = {44, 40,
               slices};  // 3 mm pixels: 132 x 120 mm, wider than the patch in one direction only
  grid.world_from_voxel.matrix = {{{2.4, 0, 0.6 * pitch_mm}, {0, 3, 0}, {-1.8, 0, 0.8 * pitch_mm}}};
  grid.world_from_voxel.offset = {-40, -70, 25};
  return grid;
}

inline Study tiny_study(int64_t phases = 2, int64_t slices = 3, double pitch_mm = 9) {
  Study study;
  study.name = "tiny";
  study.sax.grid = tiny_grid(slices, pitch_mm);
  const auto& size = study.sax.grid.size;
  const auto x = (torch::arange(size[0], torch::kFloat32) - 21).view({1, 1, 1, size[0]});
  const auto y = (torch::arange(size[1], torch::kFloat32) - 20).view({1, 1, size[1], 1});
  const auto radius =
      torch::arange(phases * slices, torch::kFloat32).view({phases, slices, 1, 1}) + 5;
  const auto blob = (-(x * x + y * y) / (radius * radius)).exp();
  study.sax.voxels = blob * 700 + golden_input("noise", blob.sizes(), 20, 60);
  for (int64_t phase = 0; phase < phases; ++phase) {
    study.sax.times_ms.push_back(40.0 * static_cast<double>(phase));
    study.phase_names.push_back("phase0" + std::to_string(phase));
  }
  return study;
}

inline Point middle_of(const Grid& grid) {
  return grid.world_from_voxel({static_cast<double>(grid.size[0] - 1) / 2,
                                static_cast<double>(grid.size[1] - 1) / 2,
                                static_cast<double>(grid.size[2] - 1) / 2});
}

}  // namespace dmcvr::test
