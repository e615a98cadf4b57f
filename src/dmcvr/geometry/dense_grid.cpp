// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/dense_grid.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr int64_t kMostPlanesPerGap = 1000;

}  // namespace

DenseGrid dense_grid(const Grid& acquired, double slice_spacing_mm) {
  const auto spacing = acquired.spacing_mm();
  if (!std::isfinite(slice_spacing_mm) || slice_spacing_mm < 0) {
    throw Error(
        "slice spacing {} mm: a positive number, or 0 for the in-plane spacing, is expected",
        slice_spacing_mm);
  }
  const double wanted =
      slice_spacing_mm > 0 ? slice_spacing_mm : std::sqrt(spacing[0] * spacing[1]);
  const int64_t slices = acquired.size[2];
  if (slices == 1) return {acquired, {0}};

  const double ratio = spacing[2] / wanted;
  if (!(ratio <= static_cast<double>(kMostPlanesPerGap))) {
    throw Error("slice spacing {} mm is too fine for slices {} mm apart: at most {} planes a gap",
                wanted, spacing[2], kMostPlanesPerGap);
  }
  const int64_t steps = std::max<int64_t>(1, std::llround(ratio));

  DenseGrid dense{acquired, {}};
  dense.grid.size[2] = (slices - 1) * steps + 1;
  for (auto& row : dense.grid.world_from_voxel.matrix) row[2] /= static_cast<double>(steps);
  for (int64_t k = 0; k < slices; ++k) dense.acquired_planes.push_back(k * steps);
  return dense;
}

}  // namespace dmcvr
