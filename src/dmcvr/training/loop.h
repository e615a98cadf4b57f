// SPDX-License-Identifier: Apache-2.0
// The one training loop of all networks: it steps, averages, validates, logs, and survives being
// killed.
//
// A run folder holds last.safetensors and best.safetensors (checkpoints), log.jsonl, what
// TensorBoard reads (event_file.h), options.json and weights.safetensors (the average of the best
// validation so far). Called again on the same folder, the run goes on where its newest checkpoint
// was: on the processors of one machine with the same number of threads to the same bytes of last,
// best and weights as if it had never stopped, whatever moment it was killed at.
#pragma once

#include "dmcvr/training/ema.h"
#include "dmcvr/training/export.h"
#include "dmcvr/training/learning_rate.h"
#include "dmcvr/training/optimizer.h"
#include "dmcvr/training/ranks.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace dmcvr {

struct TrainOptions {
  int64_t steps = 10000;   // updates of the weights
  int64_t accumulate = 1;  // batches per update
  OptimizerOptions optimizer;
  LearningRateOptions learning_rate;
  EmaOptions ema;
  double clip_norm = 1;          // largest norm of the whole gradient; 0: unlimited
  int64_t validate_every = 500;  // steps; the last step is always validated
  int64_t log_every = 10;        // steps
  int64_t pictures = 4;          // strips in the event file at each validation; 0: none
  double checkpoint_seconds = 120;
  double time_limit_seconds = 0;  // of one call; 0: none
  int64_t seed = 0;
  int64_t threads = 0;         // 0: as the program has set them
  std::string device = "cpu";  // or "cuda", "cuda:1"

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrainOptions, steps, accumulate, optimizer, learning_rate, ema,
                                   clip_norm, validate_every, log_every, pictures,
                                   checkpoint_seconds, time_limit_seconds, seed, threads, device)

// By name; [H, W, 3] uint8.
using Pictures = std::map<std::string, torch::Tensor>;

// How good a network is: the higher the score, the better; the details are logged.
struct Validation {
  double score = 0;
  nlohmann::json details;
};

// What one kind of network brings to the loop.
struct TrainTask {
  std::string name;            // "segmenter"
  torch::nn::Module& network;  // on the device of the options
  nlohmann::json options;      // all that must stay the same in a resumed run
  // Scalar loss of batch 0, 1, … (of this process's share); a function of the weights, the index
  // and LibTorch's default generator.
  std::function<torch::Tensor(int64_t batch_index)> loss = {};
  // Of the network as it is. Empty: the last one is the best.
  std::function<Validation()> validate = {};
  // What the network as it is makes of some pictures, for the event file. Empty: nothing.
  std::function<Pictures()> draw = {};
  // Writes the network as it is as a weights file.
  std::function<void(const std::filesystem::path&)> save_weights = {};
  // For the speed shown: pictures in a batch of all processes, and the seconds that the network has
  // waited for batches so far (empty: not known).
  double images_per_batch = 1;
  std::function<double()> waited_seconds = {};
};

struct TrainResult {
  int64_t step = 0;          // updates made in all calls together
  bool is_finished = false;  // false: stopped by time limit or request, call again to go on
  std::optional<double> best_score;
};

// Where a run lives, and with whom. A folder alone is enough.
struct RunPlaces {
  RunPlaces(std::filesystem::path run_folder)
      : folder(std::move(run_folder)) {}  // NOLINT: implicit

  std::filesystem::path folder;
  bool begins_anew = false;    // an earlier run in the folder goes, once nothing else can fail
  std::filesystem::path from;  // an export (export.h) to begin from where the folder holds no run
  ExportOptions exported;
  // The processes that train together. The first one alone validates, logs and writes.
  std::shared_ptr<const Ranks> ranks = std::make_shared<const Ranks>();
};

// Throws Error if the folder or the export holds a run with other options, and when the loss
// explodes (loss_watch.h) or is not finite. The error says which checkpoint is from before that:
// while the loss is in doubt none is written but by a better validation, by a stop, and after the
// last step.
TrainResult train(const TrainTask& task, const TrainOptions& options, const RunPlaces& places);

// True (set by a signal handler, say) ends train() with a checkpoint after the step that it is at.
// Who sets it also takes it back.
std::atomic<bool>& stop_requested();

}  // namespace dmcvr
