// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/slices.h"

namespace dmcvr {
namespace {

// Of the patch side, at each edge.
constexpr double kSeamFraction = 1.0 / 16;

}  // namespace

Slices to_slices(const Study& study, const Point& center_mm, const InputRule& rule) {
  const auto& voxels = study.sax.voxels;  // [T, D, H, W]
  Slices slices;
  slices.intensity = intensity_map(voxels, rule);
  slices.slice_from_patch = slice_from_patch(study.sax.grid, center_mm, rule);
  slices.slice_size = {voxels.size(3), voxels.size(2)};

  // Zero outside the slice means darkness, so that values become unit values first.
  const auto units = to_unit(voxels.flatten(0, 1), slices.intensity);  // [T D, H, W]
  slices.patches = cut_patches(units, slices.slice_from_patch, rule.patch_size)
                       .view({voxels.size(0), voxels.size(1), rule.patch_size, rule.patch_size});
  return slices;
}

torch::Tensor to_scanner(const Slices& slices, const torch::Tensor& patches) {
  const auto pasted = paste_patches(patches, slices.slice_from_patch, slices.slice_size);
  return from_unit(pasted, slices.intensity);
}

torch::Tensor seam_weight(const Slices& slices) {
  const int64_t size = slices.patches.size(-1);
  return patch_weight(slices.slice_from_patch, size, slices.slice_size,
                      kSeamFraction * static_cast<double>(size));
}

}  // namespace dmcvr
