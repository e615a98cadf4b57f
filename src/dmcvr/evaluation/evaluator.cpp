// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/evaluator.h"

#include "dmcvr/reconstruction/dense_labels.h"
#include "dmcvr/segmentation/locate.h"

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
  const auto patches = cut_patches(units, slices.slice_from_patch, slices.patches.size(-1));
  auto labels =
      label_patches(patches, slices, *evaluator.segmenter, evaluator.batch_size, on_progress)
          .view(pictures.sizes());
  for (int64_t t = 0; t < labels.size(0); ++t)
    labels[t].copy_(cleanup(labels[t], evaluator.cleanup));
  return labels;
}

}  // namespace dmcvr
