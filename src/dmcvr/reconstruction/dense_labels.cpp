// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/dense_labels.h"

#include "dmcvr/geometry/resample.h"
#include "dmcvr/segmentation/segment.h"

#include <algorithm>

namespace dmcvr {

Labels dense_labels(const Slices& slices, const Drawn& drawn, const Plan& plan,
                    Segmenter& segmenter, const OnProgress& on_progress) {
  const auto [columns, rows] = slices.slice_size;
  const int64_t phase_count = slices.patches.size(0);
  Labels labels{plan.planes.grid, {}};
  labels.voxels =
      torch::zeros({phase_count, plan.planes.grid.size[2], rows, columns}, torch::kUInt8);

  for (int64_t phase = 0; phase < phase_count; ++phase) {
    auto dense = labels.voxels[phase];  // [D', H, W]
    const OnProgress forward = [&](int64_t done, int64_t) {
      if (on_progress)
        on_progress(phase * plan.evaluations.segment / phase_count + done,
                    plan.evaluations.segment);
    };

    // Acquired patches where they stay, then what was drawn.
    std::vector<int64_t> planes;
    std::vector<torch::Tensor> patches;
    for (size_t k = 0; k < plan.planes.acquired_planes.size(); ++k) {
      const int64_t plane = plan.planes.acquired_planes[k];
      if (std::binary_search(drawn.planes.begin(), drawn.planes.end(), plane)) continue;
      planes.push_back(plane);
      patches.push_back(slices.patches[phase][static_cast<int64_t>(k)]);
    }
    for (size_t m = 0; m < drawn.planes.size(); ++m) {
      planes.push_back(drawn.planes[m]);
      patches.push_back(drawn.patches[phase][static_cast<int64_t>(m)]);
    }
    const auto seen =
        label_patches(torch::stack(patches), slices, segmenter, plan.decoding.batch_size, forward);
    for (size_t n = 0; n < planes.size(); ++n)
      dense[planes[n]].copy_(seen[static_cast<int64_t>(n)]);
    dense.copy_(cleanup(dense, plan.cleanup));
  }
  return labels;
}

torch::Tensor label_patches(const torch::Tensor& patches, const Slices& slices,
                            Segmenter& segmenter, int64_t batch_size,
                            const OnProgress& on_progress) {
  const int64_t count = patches.size(0);
  const auto [columns, rows] = slices.slice_size;
  const auto patch_from_slice = inverse(slices.slice_from_patch);
  const auto is_outside = seam_weight(slices) == 0;  // [H, W]
  auto labels = torch::empty({count, rows, columns}, torch::kUInt8);
  for (int64_t begin = 0; begin < count; begin += batch_size) {
    const int64_t end = std::min(begin + batch_size, count);
    const auto pictures = patches.slice(0, begin, end).unsqueeze(1);             // [n, 1, P, P]
    const auto on_patch = label_probabilities(pictures, segmenter, batch_size);  // [n, 4, P, P]
    const auto on_slice =
        resample_in_plane(on_patch.flatten(0, 1), patch_from_slice, {columns, rows});
    const auto seen =
        most_likely(on_slice.view({end - begin, kLabelCount, rows, columns}));  // [n, H, W]
    labels.slice(0, begin, end).copy_(seen.masked_fill(is_outside, 0));
    if (on_progress) on_progress(end, count);
  }
  return labels;
}

}  // namespace dmcvr
