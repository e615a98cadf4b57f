// SPDX-License-Identifier: Apache-2.0
// Weights files: safetensors with all that is needed to rebuild the network and to feed it rightly.
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/models/autoencoder.h"
#include "dmcvr/models/medformer.h"

#include <nlohmann/json.hpp>
#include <torch/nn/module.h>
#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace dmcvr {

// The metadata of a weights file.
struct WeightsInfo {
  std::string kind;        // "segmenter", "generator" or "diffae" (a generator without l_mor)
  nlohmann::json options;  // MedFormerOptions or AutoencoderOptions
  InputRule input_rule;
  LabelTable labels;             // of the segmenter's classes; empty for the others
  std::string training_data;     // names of the data sets, never of people
  std::string license;           // of the weights
  std::string version;           // of dmcvr that trained them
  std::string segmenter_sha256;  // generator: of the weights file whose l_mor it learned with
  std::string sha256;            // of the file itself; filled by reading, not written
};

// Parameters and buffers by their dotted names, sharing their memory with the network.
std::map<std::string, torch::Tensor> named_tensors(const torch::nn::Module& network);

// Copies values by name into the network, keeping its types and device. Throws Error that names the
// first tensor that is missing, too much, of another shape, or not finite.
void copy_parameters(const std::map<std::string, torch::Tensor>& values,
                     torch::nn::Module& network);

// Writes atomically. Convolutions and matrices are stored as `type`, vectors in float32: they are
// few, and variances do not fit into half precision. Throws Error for a value that is not finite as
// `type`.
void save_weights(const std::filesystem::path& path, const torch::nn::Module& network,
                  const WeightsInfo& info, torch::ScalarType type = torch::kHalf);

// Reads and checks the metadata alone. Throws Error for a file that is no weights file of ours.
WeightsInfo read_weights_info(const std::filesystem::path& path);

struct Segmenter {
  MedFormer network{nullptr};
  WeightsInfo info;
};
struct Generator {
  Autoencoder network{nullptr};
  WeightsInfo info;
};

// The network rebuilt from its file: float32, CPU, evaluation mode, no gradients. Throws Error for
// another kind; a generator may be a "diffae".
Segmenter load_segmenter(const std::filesystem::path& path);
Generator load_generator(const std::filesystem::path& path);

}  // namespace dmcvr
