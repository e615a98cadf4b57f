// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loop.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/core/random.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/loss_watch.h"
#include "dmcvr/training/run_files.h"
#include "dmcvr/training/run_state.h"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>
#include <torch/nn/module.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::steady_clock;

namespace {

// What may differ between the calls of one run.
json binding_options(const TrainTask& task, const TrainOptions& options, int64_t processes) {
  json training = options;
  for (const auto* name : {"steps", "validate_every", "log_every", "pictures", "checkpoint_seconds",
                           "time_limit_seconds", "threads", "device"}) {
    training.erase(name);
  }
  json binding = {{"kind", task.name}, {"task", task.options}, {"training", training}};
  if (processes > 1) binding["processes"] = processes;
  return binding;
}

// All numbers in a JSON value: {"field": {"LVC": 0.9}} is "validation/field/LVC".
void collect_numbers(const json& value, const std::string& tag, std::map<std::string, double>& to) {
  if (value.is_number()) to[tag] = value.get<double>();
  if (!value.is_object()) return;
  for (const auto& [name, part] : value.items()) collect_numbers(part, tag + "/" + name, to);
}

// The newest checkpoint whose loss was not in doubt, in words.
std::string last_good_state(const Run& run) {
  std::string words = "no state from before that was saved";
  int64_t newest = -1;
  for (const auto* name : {"best.safetensors", "last.safetensors"}) {
    const auto path = run.places.folder / name;
    if (!fs::exists(path)) continue;
    try {
      const auto state = read_checkpoint(path).state;
      const auto step = state.at("step").get<int64_t>();
      if (step < newest || state.value("loss_watch", LossWatch()).is_in_doubt()) continue;
      newest = step;
      words = fmt::format("the last good state, of step {}, is in {}", step, path.string());
    } catch (const Error&) {  // a damaged one is not good
      continue;
    }
  }
  return words;
}

// what: "loss is not finite"
[[noreturn]] void throw_diverged(const Run& run, const std::string& what) {
  const auto weights = run.places.folder / "weights.safetensors";
  throw Error(
      "the {}'s {} at step {}; {}; begin a new run with a lower training.learning_rate.base{}",
      run.task.name, what, run.state.step, last_good_state(run),
      fs::exists(weights) ? ", and --initial-weights " + weights.string() : std::string());
}

void watch_loss(Run& run, double loss) {
  LossWatch& watch = run.state.watch;
  if (!watch.has_exploded_with(loss)) return;
  throw_diverged(run, fmt::format("loss went from {:.4g} to {:.4g}", watch.lowest,
                                  watch.sum / static_cast<double>(watch.count)));
}

// Before the first step all processes are where the first one is, with the same options.
void join_first(Run& run) {
  if (run.ranks.is_alone()) return;
  json here = run.state.options;
  here["training"]["steps"] = run.options.steps;
  const auto there = json::parse(run.ranks.broadcast(here.dump()));
  check_same_options(there, here, "rank " + std::to_string(run.ranks.rank()));
  auto checkpoint = checkpoint_of(run.state);
  checkpoint.state = json::parse(run.ranks.broadcast(checkpoint.state.dump()));
  checkpoint.weights = run.ranks.broadcast(checkpoint.weights);
  checkpoint.optimizer = run.ranks.broadcast(checkpoint.optimizer);
  if (!run.ranks.is_first()) restore(run.state, checkpoint, "rank 0");
}

bool is_stop_wanted(const Run& run) {
  const double limit = run.options.time_limit_seconds;
  return stop_requested() || (limit > 0 && since(run.start) >= limit);
}

struct StepReport {
  bool is_stopped = false;  // one of several processes wants to end
  double loss = 0;
  double gradient_norm = 0;
  double learning_rate = 0;
};

// Gradients, running averages of normalizations, the loss and the wish to stop, over all processes.
void exchange(const Run& run, StepReport& report) {
  if (run.ranks.is_alone()) return;
  const auto sums = run.ranks.sum({report.loss, is_stop_wanted(run) ? 1.0 : 0.0});
  report.loss = sums[0] / static_cast<double>(run.ranks.size());
  report.is_stopped = sums[1] > 0;
  std::vector<torch::Tensor> gradients, averages;
  for (const auto& parameter : run.task.network.parameters()) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  for (const auto& buffer : run.task.network.buffers()) {
    if (buffer.is_floating_point()) averages.push_back(buffer);
  }
  run.ranks.average(gradients);
  run.ranks.average(averages);
}

StepReport make_step(Run& run) {
  const auto& options = run.options;
  StepReport report;

  // Dropout draws from the default generator; its stream belongs to the step, whatever came before.
  const auto dropout =
      run.ranks.is_first() ? "dropout" : fmt::format("dropout of rank {}", run.ranks.rank());
  torch::manual_seed(stream_seed(static_cast<uint64_t>(options.seed), dropout,
                                 static_cast<uint64_t>(run.state.step)));

  // Gradients, averaged over the batches.
  run.state.optimizer->zero_grad();
  for (int64_t i = 0; i < options.accumulate; ++i) {
    const auto loss = run.task.loss(run.state.step * options.accumulate + i) /
                      static_cast<double>(options.accumulate);
    report.loss += loss.item<double>();
    // Several processes find out together, below.
    if (!std::isfinite(report.loss) && run.ranks.is_alone())
      throw_diverged(run, "loss is not finite");
    loss.backward();
  }
  exchange(run, report);
  if (!std::isfinite(report.loss)) throw_diverged(run, "loss is not finite");
  const double limit =
      options.clip_norm > 0 ? options.clip_norm : std::numeric_limits<double>::infinity();
  report.gradient_norm = torch::nn::utils::clip_grad_norm_(run.task.network.parameters(), limit);
  if (!std::isfinite(report.gradient_norm)) throw_diverged(run, "gradient is not finite");

  // Update.
  report.learning_rate = learning_rate(run.state.step, options.steps, options.learning_rate) *
                         restart_factor(run.state);
  set_learning_rate(*run.state.optimizer, report.learning_rate);
  run.state.optimizer->step();
  update_ema(run.state.ema, run.task.network);
  ++run.state.step;
  return report;
}

// Validates the averaged weights; the best so far become weights.safetensors and best.safetensors.
// Without a validation that is the last one whose loss is not in doubt.
void validate(Run& run) {
  const auto begin = steady_clock::now();
  {
    const BorrowedState averaged(run.task.network, run.state.ema.average);
    bool is_best = !run.state.watch.is_in_doubt();
    if (run.task.validate) {
      torch::NoGradGuard no_grad;
      const auto validation = run.task.validate();
      if (!std::isfinite(validation.score)) throw_diverged(run, "validation score is not finite");
      is_best = !run.state.best_score || validation.score >= *run.state.best_score;
      if (is_best) run.state.best_score = validation.score;
      write_log(run, {{"step", run.state.step},
                      {"seconds", run.seconds()},
                      {"score", validation.score},
                      {"validation", validation.details},
                      {"validation_seconds", since(begin)}});
      std::map<std::string, double> scalars = {{"validation/score", validation.score}};
      collect_numbers(validation.details, "validation", scalars);
      const bool draws = run.task.draw && run.options.pictures > 0;
      write_events(run, scalars, draws ? run.task.draw() : Pictures());
      spdlog::info("step {}: validation score {:.4f}{}", run.state.step, validation.score,
                   is_best ? ", the best" : "");
    }
    if (!is_best) return;
  }
  save_best(run);
}

// What the log holds next.
struct SinceLogged {
  double loss_sum = 0;
  int64_t steps = 0;
  steady_clock::time_point begin = steady_clock::now();
  double waited = 0;  // seconds for batches, before
};

double waited_seconds(const TrainTask& task) {
  return task.waited_seconds ? task.waited_seconds() : 0;
}

// Writes a line of log and events; its short form.
std::string log_steps(Run& run, const StepReport& report, const SinceLogged& logged) {
  const auto steps = static_cast<double>(logged.steps);
  const double loss = logged.loss_sum / steps;
  const double images = static_cast<double>(run.options.accumulate) * run.task.images_per_batch;
  const double seconds = since(logged.begin), speed = steps * images / seconds;
  const double waiting = (waited_seconds(run.task) - logged.waited) / seconds;
  write_log(run, {{"step", run.state.step},
                  {"seconds", run.seconds()},
                  {"loss", loss},
                  {"gradient_norm", report.gradient_norm},
                  {"learning_rate", report.learning_rate},
                  {"images_per_second", speed},
                  {"waiting_for_data", waiting}});
  write_events(run, {{"train/loss", loss},
                     {"train/gradient_norm", report.gradient_norm},
                     {"train/learning_rate", report.learning_rate},
                     {"train/images_per_second", speed},
                     {"train/waiting_for_data", waiting}});
  return fmt::format("loss {:.4f}, {:.1f} images/s", loss, speed);
}

}  // namespace

void TrainOptions::check() const {
  if (steps < 1) throw Error("training.steps {}: expected 1 or more", steps);
  if (accumulate < 1) throw Error("training.accumulate {}: expected 1 or more", accumulate);
  if (!(clip_norm >= 0)) throw Error("training.clip_norm {}: expected 0 or more", clip_norm);
  if (validate_every < 1)
    throw Error("training.validate_every {}: expected 1 or more", validate_every);
  if (pictures < 0 || pictures > 100)
    throw Error("training.pictures {}: expected 0 to 100", pictures);
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

TrainResult train(const TrainTask& task, const TrainOptions& options, const RunPlaces& places) {
  // Begin, or go on.
  options.check();
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  const Ranks& ranks = *places.ranks;
  Run run{task,
          options,
          places,
          ranks,
          {task.network, make_optimizer(task.network, options.optimizer),
           start_ema(task.network, options.ema), binding_options(task, options, ranks.size()),
           options.steps}};
  if (ranks.is_first()) open_folder(run);
  join_first(run);
  task.network.train();

  // Steps.
  std::optional<Progress> progress;
  if (ranks.is_first()) {
    progress.emplace("training " + task.name, options.steps, "steps");
    progress->update(run.state.step);
  }
  bool is_stopped = false;
  SinceLogged logged;
  while (run.state.step < options.steps && !is_stopped) {
    const auto report = make_step(run);
    watch_loss(run, report.loss);
    is_stopped = ranks.is_alone() ? is_stop_wanted(run) : report.is_stopped;
    if (!ranks.is_first()) continue;
    const bool is_last = run.state.step == options.steps;
    logged.loss_sum += report.loss;
    ++logged.steps;
    if (run.state.step % options.log_every == 0 || is_last) {
      progress->update(run.state.step, log_steps(run, report, logged));
      logged = {};
      logged.waited = waited_seconds(task);
    }
    if (run.state.step % options.validate_every == 0 || is_last) {
      const auto paused = steady_clock::now();
      validate(run);
      logged.begin += steady_clock::now() - paused;
    }
    const bool is_good = !run.state.watch.is_in_doubt();
    const bool is_due = since(run.saved_at) >= options.checkpoint_seconds;
    if (is_stopped || is_last || (is_due && is_good)) save(run);
    if (is_export_due(run) && is_good) export_run(run);
  }

  if (ranks.is_first()) {
    save_unvalidated_weights(run);
    if (!places.exported.folder.empty()) export_run(run);
  }
  return {run.state.step, run.state.step >= options.steps, run.state.best_score};
}

}  // namespace dmcvr
