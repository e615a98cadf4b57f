// SPDX-License-Identifier: Apache-2.0
// Where a training run is: all that a checkpoint holds, and how a run goes on from one.
#pragma once

#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/ema.h"
#include "dmcvr/training/loss_watch.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace torch::nn {
class Module;
}
namespace torch::optim {
class Optimizer;
}

namespace dmcvr {

struct RunState {
  torch::nn::Module& network;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  Ema ema;
  nlohmann::json options;  // all that must stay the same for as long as the run lasts
  int64_t steps = 0;       // updates to be made
  int64_t step = 0;        // updates made
  std::optional<double> best_score = {};
  std::optional<int64_t> restarted_at = {};  // the step at which Adam's moments began anew
  LossWatch watch = {};
};

// A function of the state alone: no time of day, no path, so that equal runs have equal files.
Checkpoint checkpoint_of(const RunState& run);

// Throws Error that names `where` and the first option that differs.
void check_same_options(const nlohmann::json& before, const nlohmann::json& now,
                        const std::filesystem::path& where);

// Puts the run where the checkpoint was. From one without an optimizer's state, which is what an
// export holds, Adam's moments begin anew at this step (restart_factor). Throws Error that names
// `path` and the option if the run was begun with other options.
void restore(RunState& run, const Checkpoint& checkpoint, const std::filesystem::path& path);

// Adam's second moments need some updates before they say how large a step may be.
constexpr int64_t kRestartSteps = 100;
// What multiplies the learning rate of the next update: 1/100, 2/100, … over the first
// kRestartSteps updates after the moments began anew, 1 otherwise.
double restart_factor(const RunState& run);

}  // namespace dmcvr
