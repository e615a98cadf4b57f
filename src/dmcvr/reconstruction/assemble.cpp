// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/assemble.h"

#include "dmcvr/reconstruction/linear.h"

#include <algorithm>

namespace dmcvr {

const LabelTable& provenance_table() {
  static const LabelTable table = {{kAcquired, "acquired"}, {kGenerated, "generated"}};
  return table;
}

Cine assemble_volume(const Study& study, const Slices& slices, const DensePlanes& planes,
                     const Drawn& drawn) {
  const auto& acquired = study.sax.voxels;  // [T, D, H, W]
  const double least = acquired.min().item<double>(), largest = acquired.max().item<double>();
  const auto weight = seam_weight(slices);  // [H, W]

  Cine volume{planes.grid, {}, study.sax.times_ms};
  volume.voxels =
      torch::empty({acquired.size(0), planes.grid.size[2], acquired.size(2), acquired.size(3)});
  for (int64_t phase = 0; phase < acquired.size(0); ++phase) {
    auto dense = volume.voxels[phase];  // [D', H, W]
    dense.copy_(linear_planes(acquired[phase], planes));
    if (drawn.planes.empty()) continue;

    const auto pictures = to_scanner(slices, drawn.patches[phase]);  // [M, H, W]
    for (size_t m = 0; m < drawn.planes.size(); ++m) {
      const auto picture = pictures[static_cast<int64_t>(m)].clamp(least, largest);
      auto plane = dense[drawn.planes[m]];
      plane.copy_(at::lerp(plane, picture, weight).clamp_(least, largest));
    }
  }
  return volume;
}

Labels assemble_provenance(const Slices& slices, const DensePlanes& planes, const Drawn& drawn,
                           int64_t phase_count) {
  const auto is_drawn = seam_weight(slices) > 0;  // [H, W]
  auto voxels =
      torch::zeros({planes.grid.size[2], is_drawn.size(0), is_drawn.size(1)}, torch::kUInt8);
  for (const int64_t plane : planes.acquired_planes) voxels[plane].fill_(kAcquired);
  for (const int64_t plane : drawn.planes) voxels[plane].masked_fill_(is_drawn, kGenerated);
  return {planes.grid, voxels.unsqueeze(0).repeat({phase_count, 1, 1, 1}), provenance_table()};
}

}  // namespace dmcvr
