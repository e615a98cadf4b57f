// SPDX-License-Identifier: Apache-2.0
// From packed slices, with or without labels, to generator weights (DMCVR Eq. 4): the network
// learns to name the noise in x_t given z_sem, which its own encoder makes of the clean picture,
// and l_mor of a frozen segmenter. Without morphology channels it is the baseline "diffae".
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/dataset/batches.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/diffusion/schedule.h"
#include "dmcvr/models/autoencoder.h"
#include "dmcvr/models/precision.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/loop.h"
#include "dmcvr/training/train_segmenter.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace dmcvr {

struct TrainGeneratorOptions {
  AutoencoderOptions network = small_autoencoder();
  InputRule input_rule = small_generator_rule();
  BatchOptions data;
  TrainOptions training;
  Precision precision =
      Precision::float32;           // of the forward and backward pass; validation is in float32
  int64_t validation_patches = 64;  // with fixed timesteps and noise, the same in every validation
  std::string initial_weights;  // a weights file to begin from (initial_weights.h); empty: random
  std::string license;          // of the weights, as the training data demand it

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainGeneratorOptions, network, input_rule, data, training,
                                   precision, validation_patches, initial_weights, license)

// `segmenter` makes l_mor; needed unless network.morphology_channels is 0. Throws Error if its
// input rule or the width of its l_mor does not fit. The score is minus the mean squared error of
// the prediction on the heart-centered validation patches; details: "mse" and that of each quarter
// of the timesteps.
TrainResult train_generator(const TrainingData& data, const std::optional<Segmenter>& segmenter,
                            const TrainGeneratorOptions& options, const RunPlaces& places);

// One batch with what is drawn for it.
struct NoisedBatch {
  torch::Tensor x_0;    // [N, 1, P, P]
  torch::Tensor l_mor;  // [N, C, P / 16, P / 16], undefined without morphology
  torch::Tensor t;      // [N] int64
  torch::Tensor eps;    // [N, 1, P, P]
};

// Mean squared error per item of what the network names, noise or velocity. [N]
torch::Tensor generator_loss(Autoencoder& network, const NoisedBatch& batch,
                             const Schedule& schedule);

}  // namespace dmcvr
