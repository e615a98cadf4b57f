// SPDX-License-Identifier: Apache-2.0
// From packed slices with labels to segmenter weights (DMCVR, section 2.1).
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/dataset/batches.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/models/medformer.h"
#include "dmcvr/models/precision.h"
#include "dmcvr/training/loop.h"
#include "dmcvr/training/losses.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace dmcvr {

struct TrainSegmenterOptions {
  MedFormerOptions network = small_medformer();
  InputRule input_rule = small_segmenter_rule();
  BatchOptions data;
  SegmentationLoss loss = SegmentationLoss::focal_dice;
  TrainOptions training;
  Precision precision =
      Precision::float32;       // of the forward and backward pass; validation is in float32
  std::string initial_weights;  // a weights file to begin from (initial_weights.h); empty: random
  std::string license;          // of the weights, as the training data demand it

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainSegmenterOptions, network, input_rule, data, loss, training,
                                   precision, initial_weights, license)

struct TrainingData {
  PackedSlices training;
  PackedSlices validation;  // of other subjects; without slices nothing is validated
};

// Trains in places.folder (loop.h). The score is the mean 3D Dice on patches around the heart
// (validation.h).
TrainResult train_segmenter(const TrainingData& data, const TrainSegmenterOptions& options,
                            const RunPlaces& places);

// What identifies the training slices of a run: a run resumed with others is refused.
nlohmann::json describe(const PackedSlices& packed);
// "ACDC training, 75 cases; phantoms": for the metadata of the weights.
std::string source_text(const PackedSlices& packed);

}  // namespace dmcvr
