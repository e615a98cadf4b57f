// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/dense_labels.h"

#include "dmcvr/geometry/resample.h"
#include "dmcvr/reconstruction/outline_prior.h"
#include "dmcvr/segmentation/segment.h"

#include <algorithm>

namespace dmcvr {
namespace {

// Labels of what was drawn in one phase, [M, H, W], where the slices around have `acquired` labels
// [D, H, W].
torch::Tensor label_drawn(const torch::Tensor& patches, const torch::Tensor& acquired,
                          const Slices& slices, const Plan& plan, Segmenter& segmenter,
                          const OnProgress& on_progress) {
  const auto spacing = plan.planes.grid.spacing_mm();
  const HeartOutlines heart = heart_outlines(acquired, {spacing[0], spacing[1]});
  const auto is_outside = seam_weight(slices) == 0;  // [H, W]
  std::vector<torch::Tensor> labels;
  for (int64_t begin = 0; begin < patches.size(0); begin += plan.decoding.batch_size) {
    const int64_t end = std::min(begin + plan.decoding.batch_size, patches.size(0));
    const auto prior =
        outline_prior(heart, plan.planes.acquired_z_mm,
                      {plan.drawn_z_mm.begin() + begin, plan.drawn_z_mm.begin() + end});
    const auto seen = slice_probabilities(patches.slice(0, begin, end), slices, segmenter);
    labels.push_back(most_likely_with(seen, prior, plan.outline_weight).masked_fill(is_outside, 0));
    if (on_progress) on_progress(end, patches.size(0));
  }
  return torch::cat(labels);
}

}  // namespace

torch::Tensor slice_probabilities(const torch::Tensor& patches, const Slices& slices,
                                  Segmenter& segmenter) {
  const auto [columns, rows] = slices.slice_size;
  const int64_t count = patches.size(0);
  const auto on_patch = label_probabilities(patches.unsqueeze(1), segmenter, count);
  return resample_in_plane(on_patch.flatten(0, 1), inverse(slices.slice_from_patch),
                           {columns, rows})
      .view({count, kLabelCount, rows, columns});
}

torch::Tensor dense_labels(const torch::Tensor& acquired, const Slices& slices, const Drawn& drawn,
                           const Plan& plan, Segmenter& segmenter, const OnProgress& on_progress) {
  const auto [columns, rows] = slices.slice_size;
  auto dense = torch::zeros({plan.planes.grid.size[2], rows, columns}, torch::kUInt8);

  // Acquired patches where they stay, then what was drawn.
  std::vector<int64_t> planes;
  std::vector<torch::Tensor> patches;
  for (size_t k = 0; k < plan.planes.acquired_planes.size(); ++k) {
    const int64_t plane = plan.planes.acquired_planes[k];
    if (std::binary_search(drawn.planes.begin(), drawn.planes.end(), plane)) continue;
    planes.push_back(plane);
    patches.push_back(acquired[static_cast<int64_t>(k)]);
  }
  const auto kept = static_cast<int64_t>(planes.size());
  const int64_t total = kept + static_cast<int64_t>(drawn.planes.size());
  const bool heeds_outlines = plan.outline_weight > 0 && !drawn.planes.empty() &&
                              planes.size() == plan.planes.acquired_planes.size();
  for (size_t m = 0; m < drawn.planes.size() && !heeds_outlines; ++m) {
    planes.push_back(drawn.planes[m]);
    patches.push_back(drawn.patches[static_cast<int64_t>(m)]);
  }
  const OnProgress forward = [&](int64_t done, int64_t) {
    if (on_progress) on_progress(done, total);
  };
  const auto seen =
      label_patches(torch::stack(patches), slices, segmenter, plan.decoding.batch_size, forward);
  for (size_t n = 0; n < planes.size(); ++n) dense[planes[n]].copy_(seen[static_cast<int64_t>(n)]);
  if (heeds_outlines) {
    const auto known = cleanup(seen, plan.cleanup);
    for (size_t n = 0; n < planes.size(); ++n)
      dense[planes[n]].copy_(known[static_cast<int64_t>(n)]);
    const auto labels_between =
        label_drawn(drawn.patches, known, slices, plan, segmenter,
                    [&](int64_t done, int64_t) { forward(kept + done, total); });
    for (size_t m = 0; m < drawn.planes.size(); ++m)
      dense[drawn.planes[m]].copy_(labels_between[static_cast<int64_t>(m)]);
  }
  return cleanup(dense, plan.cleanup);
}

torch::Tensor label_patches(const torch::Tensor& patches, const Slices& slices,
                            Segmenter& segmenter, int64_t batch_size,
                            const OnProgress& on_progress) {
  const int64_t count = patches.size(0);
  const auto [columns, rows] = slices.slice_size;
  const auto is_outside = seam_weight(slices) == 0;  // [H, W]
  auto labels = torch::empty({count, rows, columns}, torch::kUInt8);
  for (int64_t begin = 0; begin < count; begin += batch_size) {
    const int64_t end = std::min(begin + batch_size, count);
    const auto seen =
        most_likely(slice_probabilities(patches.slice(0, begin, end), slices, segmenter));
    labels.slice(0, begin, end).copy_(seen.masked_fill(is_outside, 0));
    if (on_progress) on_progress(end, count);
  }
  return labels;
}

}  // namespace dmcvr
