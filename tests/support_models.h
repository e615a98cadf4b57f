// SPDX-License-Identifier: Apache-2.0
// Networks for tests: the golden ones, filled from the names of their parameters, and tiny ones.
#pragma once

#include "support.h"

#include "dmcvr/models/autoencoder.h"
#include "dmcvr/models/medformer.h"
#include "dmcvr/models/weights.h"

#include <nlohmann/json.hpp>
#include <torch/utils.h>

#include <fstream>
#include <string>

namespace dmcvr::test {

// Fills every parameter and buffer from the stream "<prefix>:<name>" (tests/golden/README.md).
inline void fill_golden(torch::nn::Module& network, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(network)) {
    tensor.copy_(golden_weight(prefix, name, tensor.sizes()));
  }
}

// The network of net_tiny, diffusion_tiny and train_step_tiny: DMCVR, or DiffAE without l_mor.
inline AutoencoderOptions golden_tiny_options(bool with_morphology = true) {
  AutoencoderOptions options;
  options.image_size = 64;
  options.base_channels = 32;
  options.dropout = 0;
  if (!with_morphology) options.morphology_channels = 0;
  return options;
}

inline Autoencoder golden_tiny_autoencoder(bool with_morphology = true) {
  Autoencoder network(golden_tiny_options(with_morphology));
  fill_golden(*network, with_morphology ? "dmcvr" : "diffae");
  network->eval();
  return network;
}

// A generator of half a million parameters for 64 x 64 pictures: every kind of layer, little work.
inline AutoencoderOptions tiny_autoencoder() {
  AutoencoderOptions options;
  options.image_size = 64;
  options.base_channels = 8;
  options.multipliers = {1, 1, 1, 1, 2, 2};
  options.encoder_multipliers = {1, 1, 1, 1, 2, 2, 2};
  options.blocks_per_level = 1;
  options.groups = 4;
  options.embedding = 16;
  options.morphology_channels = 64;
  options.dropout = 0;
  return options;
}

// A segmenter whose l_mor fits tiny_autoencoder.
inline MedFormerOptions tiny_medformer() {
  MedFormerOptions options;
  options.base_channels = 4;
  options.heads = {2, 2, 4};
  options.fusion_width = 32;
  options.fusion_heads = 4;
  options.blocks_per_stage = 1;
  return options;
}

// tiny_medformer with golden weights, for unit values.
inline Segmenter golden_tiny_segmenter() {
  Segmenter segmenter{MedFormer(tiny_medformer()), {}};
  segmenter.info.input_rule = small_segmenter_rule();
  fill_golden(*segmenter.network, "medformer");
  segmenter.network->eval();
  return segmenter;
}

// Names and shapes of a reference network: "dmcvr", "diffae" or "medformer".
inline std::map<std::string, std::vector<int64_t>> reference_shapes(const std::string& network) {
  std::ifstream stream(source_folder() / "tests" / "golden" / "state_dict_shapes.json");
  const auto json = nlohmann::json::parse(stream);
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& entry : json.at(network))
    shapes[entry.at(0)] = entry.at(1).get<std::vector<int64_t>>();
  return shapes;
}

inline std::map<std::string, std::vector<int64_t>> shapes_of(const torch::nn::Module& network) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& [name, tensor] : named_tensors(network)) shapes[name] = tensor.sizes().vec();
  return shapes;
}

inline int64_t parameter_count(const torch::nn::Module& network) {
  int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

}  // namespace dmcvr::test
