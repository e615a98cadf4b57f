// SPDX-License-Identifier: Apache-2.0
// Untrained networks for patches of 64 pixels of 2 mm: what they draw is nonsense, but it depends
// on every input.
#pragma once

#include "support_models.h"

#include "dmcvr/reconstruction/networks.h"

#include <ATen/core/grad_mode.h>

namespace dmcvr::test {

inline Networks tiny_networks(bool with_morphology = true) {
  Networks networks;
  networks.segmenter.network = MedFormer(tiny_medformer());
  networks.segmenter.info.kind = "segmenter";
  networks.segmenter.info.options = tiny_medformer();
  networks.segmenter.info.labels = label_table();
  networks.segmenter.info.input_rule = small_segmenter_rule();

  auto options = tiny_autoencoder();
  if (!with_morphology) options.morphology_channels = 0;
  networks.generator.network = Autoencoder(options);
  networks.generator.info.kind = with_morphology ? "generator" : "diffae";
  networks.generator.info.options = options;
  networks.generator.info.input_rule = small_generator_rule();

  for (auto* info : {&networks.segmenter.info, &networks.generator.info}) {
    info->input_rule.patch_size = 64;
    info->input_rule.spacing_mm = 2;
  }
  fill_golden(*networks.segmenter.network, "medformer");
  fill_golden(*networks.generator.network, "dmcvr");
  // A trained generator takes noise away, a random one adds it up; a faint one keeps pictures in
  // range.
  const at::NoGradGuard no_gradients;
  for (auto& parameter : networks.generator.network->unet->out->parameters()) {
    if (parameter.dim() == 4) parameter.mul_(0.02);
  }
  networks.segmenter.network->eval();
  networks.generator.network->eval();
  return networks;
}

// Pictures in unit values, [count, 1, 64, 64], different for each seed.
inline torch::Tensor tiny_pictures(int64_t count, const std::string& name = "pictures") {
  return golden_input(name, {count, 1, 64, 64}, 0.5, 0.5);
}

}  // namespace dmcvr::test
