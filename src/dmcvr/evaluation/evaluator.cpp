// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/evaluator.h"

#include "dmcvr/reconstruction/dense_labels.h"
#include "dmcvr/segmentation/locate.h"

#include <algorithm>

namespace dmcvr {

Evaluator make_evaluator(const Study& given, Networks& networks,
                         const ReconstructOptions& options) {
  const InputRule& rule = networks.segmenter.info.input_rule;
  const Heart heart = locate_heart(given, networks.segmenter, options.locate, options.batch_mib);
  Evaluator evaluator;
  evaluator.center_mm =
      center_for_patch(heart, given.sax.grid, patch_side_mm(given.sax.grid, rule));
  evaluator.slices = to_slices(given, evaluator.center_mm, rule);
  evaluator.segmenter = &networks.segmenter;
  evaluator.cleanup = options.cleanup;
  evaluator.batch_size = patches_per_batch(networks, options.batch_mib);
  return evaluator;
}

torch::Tensor label_stack(const Evaluator& evaluator, const torch::Tensor& pictures,
                          const OnProgress& on_progress) {
  const Slices& slices = evaluator.slices;
  const auto units = to_unit(pictures.flatten(0, 1), slices.intensity);  // [T D, H, W]
  const auto patches =
      cut_patches(units, slices.slice_from_patch, slices.patches.size(-1), slices.interpolation);
  auto labels =
      label_patches(patches, slices, *evaluator.segmenter, evaluator.batch_size, on_progress)
          .view(pictures.sizes());
  for (int64_t t = 0; t < labels.size(0); ++t)
    labels[t].copy_(cleanup(labels[t], evaluator.cleanup));
  return labels;
}

torch::Tensor given_probabilities(const Evaluator& evaluator, const OnProgress& on_progress) {
  const Slices& slices = evaluator.slices;
  const auto patches = slices.patches.flatten(0, 1);  // [T D, P, P]
  const auto is_outside = seam_weight(slices) == 0;   // [H, W]
  std::vector<torch::Tensor> parts;
  for (int64_t begin = 0; begin < patches.size(0); begin += evaluator.batch_size) {
    const int64_t end = std::min(begin + evaluator.batch_size, patches.size(0));
    auto seen = slice_probabilities(patches.slice(0, begin, end), slices, *evaluator.segmenter);
    seen.masked_fill_(is_outside, 0);
    seen.select(1, 0).masked_fill_(is_outside, 1);
    parts.push_back(seen);
    if (on_progress) on_progress(end, patches.size(0));
  }
  return torch::cat(parts).unflatten(0, {slices.patches.size(0), slices.patches.size(1)});
}

}  // namespace dmcvr
