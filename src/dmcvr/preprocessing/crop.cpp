// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/crop.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {

PlaneAffine slice_from_patch(const Grid& grid, const Point& center_mm, const InputRule& rule) {
  const auto spacing = grid.spacing_mm();
  const Point center = grid.voxel_from_world()(center_mm);
  const double half = static_cast<double>(rule.patch_size - 1) / 2;
  PlaneAffine affine;
  for (size_t axis = 0; axis < 2; ++axis) {
    double step = rule.spacing_mm > 0 ? rule.spacing_mm / spacing[axis] : 1;
    if (std::abs(step - 1) < 1e-3) step = 1;
    affine.matrix[axis][axis] = step;
    affine.offset[axis] = center[axis] - step * half;
    if (step == 1) affine.offset[axis] = std::round(affine.offset[axis]);
  }
  return affine;
}

Interpolation interpolation_of(const InputRule& rule) {
  return rule.interpolation == PixelInterpolation::cubic ? Interpolation::cubic
                                                         : Interpolation::linear;
}

torch::Tensor cut_patches(const torch::Tensor& slices, const PlaneAffine& slice_from_patch,
                          int64_t size, Interpolation interpolation) {
  return resample_in_plane(slices, slice_from_patch, {size, size}, {interpolation});
}

torch::Tensor paste_patches(const torch::Tensor& patches, const PlaneAffine& slice_from_patch,
                            const std::array<int64_t, 2>& slice_size, Interpolation interpolation) {
  // A border of copied pixels, so that the half pixel around the patch is not mixed with zeros.
  const auto padded = at::replication_pad2d(patches, {1, 1, 1, 1});
  PlaneAffine padded_from_patch;
  padded_from_patch.offset = {1, 1};
  // What a patch shows was seen through pixels of the slice: nothing in it is finer, and the mean
  // over a pixel would only blur. The line between neighbors has that mean for old weights.
  ResampleInPlaneOptions options{interpolation};
  options.antialias = interpolation == Interpolation::linear;
  return resample_in_plane(padded, padded_from_patch * inverse(slice_from_patch), slice_size,
                           options);
}

torch::Tensor patch_weight(const PlaneAffine& slice_from_patch, int64_t patch_size,
                           const std::array<int64_t, 2>& slice_size, double seam) {
  const PlaneAffine patch_from_slice = inverse(slice_from_patch);
  auto weight = torch::zeros({slice_size[1], slice_size[0]});
  auto values = weight.accessor<float, 2>();
  const auto last = static_cast<double>(patch_size - 1);
  for (int64_t row = 0; row < slice_size[1]; ++row) {
    for (int64_t column = 0; column < slice_size[0]; ++column) {
      const auto p = patch_from_slice({static_cast<double>(column), static_cast<double>(row)});
      // Distance to the nearest edge, the edge being the outer border of the outermost pixels.
      const double depth = std::min({p[0], p[1], last - p[0], last - p[1]}) + 0.5;
      if (depth <= 0) continue;
      values[row][column] =
          static_cast<float>(depth >= seam ? 1 : (1 - std::cos(M_PI * depth / seam)) / 2);
    }
  }
  return weight;
}

}  // namespace dmcvr
