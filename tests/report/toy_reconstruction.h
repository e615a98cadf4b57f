// SPDX-License-Identifier: Apache-2.0
// A finished reconstruction without networks: two phases of a cylinder on five planes, three
// acquired.
#pragma once

#include "dmcvr/reconstruction/reconstruct.h"

namespace dmcvr::test {

inline Reconstruction toy_reconstruction() {
  Reconstruction result;
  Grid grid;
  grid.size = {12, 10, 5};
  grid.world_from_voxel.matrix = {{{-2, 0, 0}, {0, -2, 0}, {0, 0, 4}}};
  grid.world_from_voxel.offset = {10, 12, -8};
  const auto ramp = torch::arange(2 * 5 * 10 * 12, torch::kFloat32).view({2, 5, 10, 12});
  result.volume = {grid, ramp / 3, {0, 400}};
  result.labels.grid = grid;
  result.labels.voxels = torch::zeros({2, 5, 10, 12}, torch::kUInt8);
  result.labels.voxels.slice(2, 2, 8).slice(3, 2, 8).fill_(kLvm);
  result.labels.voxels.slice(2, 3, 7).slice(3, 3, 7).fill_(kLvc);
  result.labels.voxels.slice(2, 3, 5).slice(3, 9, 11).fill_(kRvc);
  result.provenance = {grid, torch::full({2, 5, 10, 12}, kGenerated, torch::kUInt8),
                       provenance_table()};
  for (const int64_t plane : {0, 2, 4}) result.provenance.voxels.select(1, plane).fill_(kAcquired);
  result.phase_names = {"ed", "es"};
  result.acquired_planes = {0, 2, 4};
  result.plane_offsets_mm = {0, 0.25, 0};
  result.heart.center_mm = {0, 2, 0};
  result.patch_side_mm = 160;
  result.stages = {{"locate", 0.5, 6}, {"decode", 2, 36}};
  return result;
}

inline Study toy_study() {
  Study study;
  study.name = "toy";
  study.inputs = {{"toy.nii.gz", std::string(64, 'a')}};
  return study;
}

}  // namespace dmcvr::test
