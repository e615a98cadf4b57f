// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/run_state.h"

#include "dmcvr/core/error.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/optimizer.h"

#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include <algorithm>
#include <string>

namespace dmcvr {
namespace {

using nlohmann::json;

// "/task/network/base_channels" -> "task.network.base_channels"
std::string dotted(std::string pointer) {
  for (auto& letter : pointer) letter = letter == '/' ? '.' : letter;
  return pointer.empty() ? pointer : pointer.substr(1);
}

}  // namespace

void check_same_options(const json& before, const json& now, const std::filesystem::path& path) {
  const auto changes = json::diff(before, now);
  if (changes.empty()) return;
  const std::string place = changes[0].at("path");
  const json::json_pointer pointer(place);
  const auto show = [&](const json& options) {
    return options.contains(pointer) ? options.at(pointer).dump() : "nothing";
  };
  throw Error(
      "{}: this run was begun with other options, '{}' was {} and now is {}; give the same "
      "options, or begin anew in another folder",
      path.string(), dotted(place), show(before), show(now));
}

Checkpoint checkpoint_of(const RunState& run) {
  json state = {{"step", run.step},
                {"steps", run.steps},
                {"ema_updates", run.ema.updates},
                {"options", run.options},
                {"loss_watch", run.watch}};
  if (run.best_score) state["best_score"] = *run.best_score;
  if (run.restarted_at) state["restarted_at"] = *run.restarted_at;
  return {named_tensors(run.network), run.ema.average, optimizer_state(*run.optimizer, run.network),
          state};
}

void restore(RunState& run, const Checkpoint& checkpoint, const std::filesystem::path& path) {
  const json& state = checkpoint.state;
  check_same_options(state.at("options"), run.options, path);
  copy_state(checkpoint.weights, named_tensors(run.network));
  copy_state(checkpoint.average, run.ema.average);
  set_optimizer_state(*run.optimizer, run.network, checkpoint.optimizer);
  run.ema.updates = state.at("ema_updates").get<int64_t>();
  run.step = state.at("step").get<int64_t>();
  run.watch = state.value("loss_watch", LossWatch());
  run.best_score.reset();
  if (state.contains("best_score")) run.best_score = state.at("best_score").get<double>();
  run.restarted_at.reset();
  if (checkpoint.optimizer.empty() && run.step > 0) {
    run.restarted_at = run.step;
  } else if (state.contains("restarted_at")) {
    run.restarted_at = state.at("restarted_at").get<int64_t>();
  }
}

double restart_factor(const RunState& run) {
  if (!run.restarted_at) return 1;
  const int64_t updates = run.step - *run.restarted_at + 1;
  return std::min(1.0, static_cast<double>(updates) / static_cast<double>(kRestartSteps));
}

}  // namespace dmcvr
