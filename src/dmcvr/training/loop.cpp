// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loop.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/version.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/run_log.h"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>
#include <torch/nn/module.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::steady_clock;

namespace {

double since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

// What may differ between the calls of one run.
json binding_options(const TrainTask& task, const TrainOptions& options) {
  json training = options;
  for (const auto* name : {"steps", "validate_every", "log_every", "checkpoint_seconds",
                           "time_limit_seconds", "threads", "device"}) {
    training.erase(name);
  }
  return {{"kind", task.name}, {"task", task.options}, {"training", training}};
}

// "/task/network/base_channels" -> "task.network.base_channels"
std::string dotted(std::string pointer) {
  for (auto& letter : pointer) letter = letter == '/' ? '.' : letter;
  return pointer.empty() ? pointer : pointer.substr(1);
}

struct Run {
  const TrainTask& task;
  const TrainOptions& options;
  fs::path folder;
  RunLog log;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  Ema ema;
  int64_t step = 0;
  std::optional<double> best_score = {};
  double earlier_seconds = 0;  // of calls before this one
  steady_clock::time_point start = steady_clock::now();
  steady_clock::time_point saved_at = start;

  double seconds() const { return earlier_seconds + since(start); }
};

Checkpoint checkpoint_of(const Run& run) {
  json state = {{"step", run.step},
                {"seconds", run.seconds()},
                {"ema_updates", run.ema.updates},
                {"steps", run.options.steps},
                {"options", binding_options(run.task, run.options)}};
  if (run.best_score) state["best_score"] = *run.best_score;
  return {named_tensors(run.task.network), run.ema.average,
          optimizer_state(*run.optimizer, run.task.network), state};
}

void save(Run& run) {
  write_checkpoint(run.folder / "last.safetensors", checkpoint_of(run));
  run.saved_at = steady_clock::now();
}

void resume(Run& run) {
  const auto path = run.folder / "last.safetensors";
  const auto checkpoint = read_checkpoint(path);
  const auto wanted = binding_options(run.task, run.options);
  const auto changes = json::diff(checkpoint.state.at("options"), wanted);
  if (!changes.empty()) {
    const std::string place = changes[0].at("path");
    const json::json_pointer pointer(place);
    const auto show = [&](const json& options) {
      return options.contains(pointer) ? options.at(pointer).dump() : "nothing";
    };
    throw Error(
        "{}: the run in this folder was begun with other options, '{}' was {} and now is {}; "
        "give the same options, or another folder",
        path.string(), dotted(place), show(checkpoint.state.at("options")), show(wanted));
  }
  copy_state(checkpoint.weights, named_tensors(run.task.network));
  copy_state(checkpoint.average, run.ema.average);
  set_optimizer_state(*run.optimizer, run.task.network, checkpoint.optimizer);
  run.ema.updates = checkpoint.state.at("ema_updates").get<int64_t>();
  run.step = checkpoint.state.at("step").get<int64_t>();
  run.earlier_seconds = checkpoint.state.at("seconds").get<double>();
  if (checkpoint.state.contains("best_score"))
    run.best_score = checkpoint.state.at("best_score").get<double>();
  if (checkpoint.state.at("steps") != run.options.steps &&
      run.options.learning_rate.schedule != LearningRateSchedule::constant) {
    spdlog::warn("{}: the run was begun for {} steps and goes on for {}; its learning rate jumps",
                 run.folder.string(), checkpoint.state.at("steps").dump(), run.options.steps);
  }
  run.log.write({{"resumed", run.step}});
  spdlog::info("training the {} goes on at step {}", run.task.name, run.step);
}

[[noreturn]] void throw_not_finite(const Run& run, const std::string& what) {
  const bool has_checkpoint = fs::exists(run.folder / "last.safetensors");
  throw Error(
      "the {} of the {} is not finite at step {}; {}; begin anew with a lower "
      "training.learning_rate.base",
      what, run.task.name, run.step,
      has_checkpoint ? "the last good state is in " + (run.folder / "last.safetensors").string()
                     : std::string("nothing was saved yet"));
}

struct StepReport {
  double loss = 0;
  double gradient_norm = 0;
  double learning_rate = 0;
};

StepReport make_step(Run& run) {
  const auto& options = run.options;
  StepReport report;

  // Dropout draws from the default generator; its stream belongs to the step, whatever came before.
  torch::manual_seed(
      stream_seed(static_cast<uint64_t>(options.seed), "dropout", static_cast<uint64_t>(run.step)));

  // Gradients, averaged over the batches.
  run.optimizer->zero_grad();
  for (int64_t i = 0; i < options.accumulate; ++i) {
    const auto loss =
        run.task.loss(run.step * options.accumulate + i) / static_cast<double>(options.accumulate);
    report.loss += loss.item<double>();
    if (!std::isfinite(report.loss)) throw_not_finite(run, "loss");
    loss.backward();
  }
  const double limit =
      options.clip_norm > 0 ? options.clip_norm : std::numeric_limits<double>::infinity();
  report.gradient_norm = torch::nn::utils::clip_grad_norm_(run.task.network.parameters(), limit);
  if (!std::isfinite(report.gradient_norm)) throw_not_finite(run, "gradient");

  // Update.
  report.learning_rate = learning_rate(run.step, options.steps, options.learning_rate);
  set_learning_rate(*run.optimizer, report.learning_rate);
  run.optimizer->step();
  update_ema(run.ema, run.task.network);
  ++run.step;
  return report;
}

// Validates the averaged weights; the best so far become weights.safetensors and best.safetensors.
void validate(Run& run) {
  const auto begin = steady_clock::now();
  {
    const BorrowedState averaged(run.task.network, run.ema.average);
    bool is_best = true;
    if (run.task.validate) {
      torch::NoGradGuard no_grad;
      const auto validation = run.task.validate();
      if (!std::isfinite(validation.score)) throw_not_finite(run, "validation score");
      is_best = !run.best_score || validation.score >= *run.best_score;
      if (is_best) run.best_score = validation.score;
      run.log.write({{"step", run.step},
                     {"seconds", run.seconds()},
                     {"score", validation.score},
                     {"validation", validation.details},
                     {"validation_seconds", since(begin)}});
      spdlog::info("step {}: validation score {:.4f}{}", run.step, validation.score,
                   is_best ? ", the best" : "");
    }
    if (!is_best) return;
    run.task.save_weights(run.folder / "weights.safetensors");
  }
  write_checkpoint(run.folder / "best.safetensors", checkpoint_of(run));
}

}  // namespace

void TrainOptions::check() const {
  if (steps < 1) throw Error("training.steps {}: expected 1 or more", steps);
  if (accumulate < 1) throw Error("training.accumulate {}: expected 1 or more", accumulate);
  if (!(clip_norm >= 0)) throw Error("training.clip_norm {}: expected 0 or more", clip_norm);
  if (validate_every < 1)
    throw Error("training.validate_every {}: expected 1 or more", validate_every);
  if (log_every < 1) throw Error("training.log_every {}: expected 1 or more", log_every);
  if (!(checkpoint_seconds >= 0) || !(time_limit_seconds >= 0)) {
    throw Error("training.checkpoint_seconds and time_limit_seconds: expected 0 or more");
  }
  if (seed < 0) throw Error("training.seed {}: expected 0 or more", seed);
  if (threads < 0 || threads > 1024)
    throw Error("training.threads {}: expected 0 to 1024", threads);
  optimizer.check();
  learning_rate.check();
  ema.check();
}

std::atomic<bool>& stop_requested() {
  static std::atomic<bool> flag{false};
  return flag;
}

TrainResult train(const TrainTask& task, const TrainOptions& options, const fs::path& folder) {
  // Begin, or go on.
  options.check();
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("{}: the folder cannot be made: {}", folder.string(), failure.message());
  Run run{task,
          options,
          folder,
          RunLog(folder / "log.jsonl"),
          make_optimizer(task.network, options.optimizer),
          start_ema(task.network, options.ema)};
  if (fs::exists(folder / "last.safetensors")) resume(run);
  const json resolved = {{"kind", task.name},
                         {"task", task.options},
                         {"training", options},
                         {"version", version()},
                         {"torch", torch_version()}};
  write_file(folder / "options.json",
             [&](std::ostream& stream) { stream << resolved.dump(2) << "\n"; });
  task.network.train();

  // Steps.
  Progress progress("training " + task.name, options.steps, "steps");
  progress.update(run.step);
  bool is_stopped = false;
  double loss_sum = 0;
  int64_t loss_count = 0;
  auto logged_at = steady_clock::now();
  while (run.step < options.steps && !is_stopped) {
    const auto report = make_step(run);
    loss_sum += report.loss;
    ++loss_count;
    if (run.step % options.log_every == 0 || run.step == options.steps) {
      const double loss = loss_sum / static_cast<double>(loss_count);
      const double speed =
          static_cast<double>(loss_count * options.accumulate * task.batch_size) / since(logged_at);
      run.log.write({{"step", run.step},
                     {"seconds", run.seconds()},
                     {"loss", loss},
                     {"gradient_norm", report.gradient_norm},
                     {"learning_rate", report.learning_rate},
                     {"images_per_second", speed}});
      progress.update(run.step, fmt::format("loss {:.4f}, {:.1f} images/s", loss, speed));
      loss_sum = 0;
      loss_count = 0;
      logged_at = steady_clock::now();
    }
    if (run.step % options.validate_every == 0 || run.step == options.steps) {
      validate(run);
      logged_at = steady_clock::now();
    }
    is_stopped = stop_requested() ||
                 (options.time_limit_seconds > 0 && since(run.start) >= options.time_limit_seconds);
    if (is_stopped || run.step == options.steps ||
        since(run.saved_at) >= options.checkpoint_seconds)
      save(run);
  }

  // A run that was stopped before its first validation leaves usable weights, too.
  if (!fs::exists(folder / "weights.safetensors")) validate(run);
  const bool is_finished = run.step >= options.steps;
  if (!is_finished)
    spdlog::info("training the {} stopped at step {}; the same command goes on", task.name,
                 run.step);
  return {run.step, is_finished, run.best_score};
}

}  // namespace dmcvr
