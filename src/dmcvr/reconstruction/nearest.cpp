// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/nearest.h"

#include "dmcvr/reconstruction/linear.h"

namespace dmcvr {

torch::Tensor nearest_slices(const torch::Tensor& slices, const std::vector<double>& acquired_z_mm,
                             const std::vector<double>& z_mm) {
  std::vector<int64_t> source;
  for (const double z : z_mm) {
    const Between place = slices_around(acquired_z_mm, z);
    source.push_back(nearer_side(place) > 0 ? place.above : place.below);
  }
  return slices.index_select(0, torch::tensor(source, torch::kInt64));
}

}  // namespace dmcvr
