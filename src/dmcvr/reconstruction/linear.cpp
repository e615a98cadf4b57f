// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/linear.h"

#include <algorithm>

namespace dmcvr {
namespace {

torch::Tensor mean_at(const torch::Tensor& slices, const Between& place) {
  const auto below = slices[place.below], above = slices[place.above];
  return below + place.fraction * (above - below);
}

}  // namespace

Between slices_around(const std::vector<double>& acquired_z_mm, double z_mm) {
  TORCH_CHECK(
      acquired_z_mm.size() >= 2 && z_mm >= acquired_z_mm.front() && z_mm <= acquired_z_mm.back(),
      "slices_around: position ", z_mm, " mm is outside the stack");
  const auto next = std::upper_bound(acquired_z_mm.begin(), acquired_z_mm.end(), z_mm);
  const auto above = std::min<int64_t>(next - acquired_z_mm.begin(),
                                       static_cast<int64_t>(acquired_z_mm.size()) - 1);
  const double low = acquired_z_mm[above - 1], high = acquired_z_mm[above];
  return {above - 1, above, (z_mm - low) / (high - low)};
}

int nearer_side(const Between& place) {
  constexpr double kTolerance = 1e-3;
  return place.fraction < 0.5 - kTolerance ? -1 : place.fraction > 0.5 + kTolerance ? 1 : 0;
}

torch::Tensor linear_planes(const torch::Tensor& slices, const DensePlanes& planes) {
  TORCH_CHECK(
      slices.dim() == 3 && slices.size(0) == static_cast<int64_t>(planes.acquired_planes.size()),
      "linear_planes: ", slices.sizes(), " for ", planes.acquired_planes.size(), " slices");
  auto dense =
      torch::empty({planes.grid.size[2], slices.size(1), slices.size(2)}, slices.options());
  for (int64_t k = 0; k < slices.size(0); ++k) dense[planes.acquired_planes[k]].copy_(slices[k]);
  for (size_t m = 0; m < planes.missing_planes.size(); ++m) {
    dense[planes.missing_planes[m]].copy_(
        mean_at(slices, slices_around(planes.acquired_z_mm, planes.missing_z_mm[m])));
  }
  return dense;
}

torch::Tensor mix_linearly(const torch::Tensor& slices, const std::vector<double>& acquired_z_mm,
                           const std::vector<double>& z_mm) {
  auto sizes = slices.sizes().vec();
  sizes[0] = static_cast<int64_t>(z_mm.size());
  auto mixed = torch::empty(sizes, slices.options());
  for (size_t m = 0; m < z_mm.size(); ++m) {
    mixed[static_cast<int64_t>(m)].copy_(mean_at(slices, slices_around(acquired_z_mm, z_mm[m])));
  }
  return mixed;
}

}  // namespace dmcvr
