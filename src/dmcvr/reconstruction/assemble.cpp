// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/assemble.h"

#include "dmcvr/reconstruction/linear.h"

#include <algorithm>

namespace dmcvr {

const LabelTable& provenance_table() {
  static const LabelTable table = {{kAcquired, "acquired"}, {kGenerated, "generated"}};
  return table;
}

ValueRange value_range(const torch::Tensor& voxels) {
  return {voxels.min().item<double>(), voxels.max().item<double>()};
}

torch::Tensor assemble_volume(const torch::Tensor& acquired, const ValueRange& range,
                              const Slices& slices, const DensePlanes& planes, const Drawn& drawn) {
  auto dense = linear_planes(acquired, planes);  // [D', H, W]
  if (drawn.planes.empty()) return dense;

  const auto weight = seam_weight(slices);                  // [H, W]
  const auto pictures = to_scanner(slices, drawn.patches);  // [M, H, W]
  for (size_t m = 0; m < drawn.planes.size(); ++m) {
    const auto picture = pictures[static_cast<int64_t>(m)].clamp(range.least, range.largest);
    auto plane = dense[drawn.planes[m]];
    plane.copy_(at::lerp(plane, picture, weight).clamp_(range.least, range.largest));
  }
  return dense;
}

torch::Tensor assemble_provenance(const Slices& slices, const DensePlanes& planes,
                                  const std::vector<int64_t>& drawn_planes) {
  const auto is_drawn = seam_weight(slices) > 0;  // [H, W]
  auto voxels =
      torch::zeros({planes.grid.size[2], is_drawn.size(0), is_drawn.size(1)}, torch::kUInt8);
  for (const int64_t plane : planes.acquired_planes) voxels[plane].fill_(kAcquired);
  for (const int64_t plane : drawn_planes) voxels[plane].masked_fill_(is_drawn, kGenerated);
  return voxels;
}

}  // namespace dmcvr
