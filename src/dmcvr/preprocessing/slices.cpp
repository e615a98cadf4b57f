// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/slices.h"

namespace dmcvr {
namespace {

// Of the patch side, at each edge.
constexpr double kSeamFraction = 1.0 / 16;

}  // namespace

Slices to_slices(const Study& study, const Point& center_mm, const InputRule& rule) {
  const auto& voxels = study.sax.voxels;  // [T, D, H, W]
  Slices slices = slice_frame(study, center_mm, rule);
  slices.patches = torch::empty({voxels.size(0), voxels.size(1), rule.patch_size, rule.patch_size});
  for (int64_t t = 0; t < voxels.size(0); ++t)
    slices.patches[t].copy_(cut_slices(voxels[t], slices, rule.patch_size));
  return slices;
}

Slices slice_frame(const Study& study, const Point& center_mm, const InputRule& rule) {
  const auto& voxels = study.sax.voxels;  // [T, D, H, W]
  Slices slices;
  slices.intensity = intensity_map(voxels, rule);
  slices.slice_from_patch = slice_from_patch(study.sax.grid, center_mm, rule);
  slices.slice_size = {voxels.size(3), voxels.size(2)};
  slices.interpolation = interpolation_of(rule);
  return slices;
}

torch::Tensor cut_slices(const torch::Tensor& voxels, const Slices& frame, int64_t patch_size) {
  // Zero outside the slice means darkness, so that values become unit values first.
  return cut_patches(to_unit(voxels, frame.intensity), frame.slice_from_patch, patch_size,
                     frame.interpolation);
}

torch::Tensor to_scanner(const Slices& slices, const torch::Tensor& patches) {
  const auto pasted =
      paste_patches(patches, slices.slice_from_patch, slices.slice_size, slices.interpolation);
  return from_unit(pasted, slices.intensity);
}

torch::Tensor seam_weight(const Slices& slices) {
  const int64_t size = slices.patches.size(-1);
  return patch_weight(slices.slice_from_patch, size, slices.slice_size,
                      kSeamFraction * static_cast<double>(size));
}

}  // namespace dmcvr
