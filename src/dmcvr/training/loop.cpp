// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loop.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/version.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/event_file.h"
#include "dmcvr/training/run_log.h"
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

double since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

// What may differ between the calls of one run.
json binding_options(const TrainTask& task, const TrainOptions& options) {
  json training = options;
  for (const auto* name : {"steps", "validate_every", "log_every", "pictures", "checkpoint_seconds",
                           "time_limit_seconds", "threads", "device"}) {
    training.erase(name);
  }
  return {{"kind", task.name}, {"task", task.options}, {"training", training}};
}

struct Run {
  const TrainTask& task;
  const TrainOptions& options;
  RunPlaces places;
  RunLog log;
  RunState state;
  std::optional<EventFile> events = {};
  double earlier_seconds = 0;  // of calls before this one
  steady_clock::time_point start = steady_clock::now();
  steady_clock::time_point saved_at = start;
  int64_t saved_step = 0;
  steady_clock::time_point exported_at = start;

  double seconds() const { return earlier_seconds + since(start); }
};

// What a full disk must not take along is there already: the last good checkpoint.
void write_or_say_what_is_left(const Run& run, const std::function<void()>& write) {
  try {
    write();
  } catch (const Error& error) {
    if (run.saved_step == 0) throw;
    throw Error("{}; the checkpoint of step {} is kept, the run can go on from there", error.what(),
                run.saved_step);
  }
}

void write_log(const Run& run, const json& line) {
  write_or_say_what_is_left(run, [&] { run.log.write(line); });
}

// All numbers in a JSON value: {"field": {"LVC": 0.9}} is "validation/field/LVC".
void collect_numbers(const json& value, const std::string& tag, std::map<std::string, double>& to) {
  if (value.is_number()) to[tag] = value.get<double>();
  if (!value.is_object()) return;
  for (const auto& [name, part] : value.items()) collect_numbers(part, tag + "/" + name, to);
}

void write_events(Run& run, const std::map<std::string, double>& scalars,
                  const Pictures& pictures = {}) {
  write_or_say_what_is_left(run, [&] {
    run.events->write_scalars(run.state.step, scalars);
    for (const auto& [name, picture] : pictures)
      run.events->write_picture(run.state.step, name, picture);
  });
}

void save(Run& run) {
  write_or_say_what_is_left(run, [&] {
    write_checkpoint(run.places.folder / "last.safetensors", checkpoint_of(run.state));
  });
  run.saved_at = steady_clock::now();
  run.saved_step = run.state.step;
}

// The network of a checkpoint's average as a weights file.
void save_average(const Run& run, const State& average) {
  const BorrowedState averaged(run.task.network, average);
  run.task.save_weights(run.places.folder / "weights.safetensors");
}

// What a killed run leaves: files half written under temporary names.
void remove_temporaries(const fs::path& folder) {
  std::vector<fs::path> leftover;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.front() == '.' && name.find(".safetensors.tmp-") != std::string::npos)
      leftover.push_back(entry.path());
  }
  std::error_code ignored;
  for (const auto& path : leftover) fs::remove(path, ignored);
}

void resume(Run& run, const FoundCheckpoint& found) {
  restore(run.state, found.checkpoint, found.path);
  run.saved_step = run.state.step;
  const json& before = found.checkpoint.state.at("steps");
  if (before != run.options.steps &&
      run.options.learning_rate.schedule != LearningRateSchedule::constant) {
    spdlog::warn("{}: the run was begun for {} steps and goes on for {}; its learning rate jumps",
                 run.places.folder.string(), before.dump(), run.options.steps);
  }

  // A run killed after best.safetensors may lack weights.safetensors, which follows from it, and
  // last.safetensors.
  const auto best = run.places.folder / "best.safetensors";
  if (found.path == best) {
    save_average(run, found.checkpoint.average);
    save(run);
  } else if (fs::exists(best)) {
    try {
      save_average(run, read_checkpoint(best).average);
    } catch (const Error& error) {
      spdlog::warn("{}: is left out: {}", best.string(), error.what());
    }
  }

  for (const auto& line : read_run_log(run.places.folder / "log.jsonl"))
    run.earlier_seconds = std::max(run.earlier_seconds, line.value("seconds", 0.0));
  write_log(run, {{"resumed", run.state.step}});
  spdlog::info("training the {} goes on at step {}", run.task.name, run.state.step);
}

// From the small files of another machine; from here on it is a run like any other.
void begin_from_export(Run& run) {
  const auto checkpoint = read_export(run.places.from, run.places.folder / "weights.safetensors");
  restore(run.state, checkpoint, run.places.from);
  save(run);
  write_log(run, {{"begun_from_export", run.state.step}});
  spdlog::info("training the {} goes on at step {} of {}", run.task.name, run.state.step,
               run.places.from.string());
}

void export_run(Run& run) {
  write_or_say_what_is_left(run, [&] {
    write_export(run.places.exported, checkpoint_of(run.state),
                 run.places.folder / "weights.safetensors");
  });
  run.exported_at = steady_clock::now();
}

bool is_export_due(const Run& run) {
  const auto& options = run.places.exported;
  return !options.folder.empty() && options.every_seconds > 0 &&
         since(run.exported_at) >= options.every_seconds;
}

[[noreturn]] void throw_not_finite(const Run& run, const std::string& what) {
  const bool has_checkpoint = fs::exists(run.places.folder / "last.safetensors");
  throw Error(
      "the {} of the {} is not finite at step {}; {}; begin anew with a lower "
      "training.learning_rate.base",
      what, run.task.name, run.state.step,
      has_checkpoint
          ? "the last good state is in " + (run.places.folder / "last.safetensors").string()
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
  torch::manual_seed(stream_seed(static_cast<uint64_t>(options.seed), "dropout",
                                 static_cast<uint64_t>(run.state.step)));

  // Gradients, averaged over the batches.
  run.state.optimizer->zero_grad();
  for (int64_t i = 0; i < options.accumulate; ++i) {
    const auto loss = run.task.loss(run.state.step * options.accumulate + i) /
                      static_cast<double>(options.accumulate);
    report.loss += loss.item<double>();
    if (!std::isfinite(report.loss)) throw_not_finite(run, "loss");
    loss.backward();
  }
  const double limit =
      options.clip_norm > 0 ? options.clip_norm : std::numeric_limits<double>::infinity();
  report.gradient_norm = torch::nn::utils::clip_grad_norm_(run.task.network.parameters(), limit);
  if (!std::isfinite(report.gradient_norm)) throw_not_finite(run, "gradient");

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
void validate(Run& run) {
  const auto begin = steady_clock::now();
  {
    const BorrowedState averaged(run.task.network, run.state.ema.average);
    bool is_best = true;
    if (run.task.validate) {
      torch::NoGradGuard no_grad;
      const auto validation = run.task.validate();
      if (!std::isfinite(validation.score)) throw_not_finite(run, "validation score");
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
  write_or_say_what_is_left(run, [&] {
    write_checkpoint(run.places.folder / "best.safetensors", checkpoint_of(run.state));
    run.saved_step = run.state.step;
    save_average(run, run.state.ema.average);
  });
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
  places.exported.check();
  const fs::path& folder = places.folder;
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("{}: the folder cannot be made: {}", folder.string(), failure.message());
  Run run{task,
          options,
          places,
          RunLog(folder / "log.jsonl"),
          {task.network, make_optimizer(task.network, options.optimizer),
           start_ema(task.network, options.ema), binding_options(task, options), options.steps}};
  remove_temporaries(folder);
  if (const auto found = newest_checkpoint(folder)) {
    resume(run, *found);
  } else if (!places.from.empty()) {
    begin_from_export(run);
  }
  const json resolved = {{"kind", task.name},
                         {"task", task.options},
                         {"training", options},
                         {"version", version()},
                         {"torch", torch_version()}};
  write_file(folder / "options.json",
             [&](std::ostream& stream) { stream << resolved.dump(2) << "\n"; });
  run.events.emplace(folder, run.state.step > 0 ? run.state.step + 1 : 0);
  task.network.train();

  // Steps.
  Progress progress("training " + task.name, options.steps, "steps");
  progress.update(run.state.step);
  bool is_stopped = false;
  double loss_sum = 0;
  int64_t loss_count = 0;
  auto logged_at = steady_clock::now();
  while (run.state.step < options.steps && !is_stopped) {
    const auto report = make_step(run);
    loss_sum += report.loss;
    ++loss_count;
    if (run.state.step % options.log_every == 0 || run.state.step == options.steps) {
      const double loss = loss_sum / static_cast<double>(loss_count);
      const double speed =
          static_cast<double>(loss_count * options.accumulate * task.batch_size) / since(logged_at);
      write_log(run, {{"step", run.state.step},
                      {"seconds", run.seconds()},
                      {"loss", loss},
                      {"gradient_norm", report.gradient_norm},
                      {"learning_rate", report.learning_rate},
                      {"images_per_second", speed}});
      write_events(run, {{"train/loss", loss},
                         {"train/gradient_norm", report.gradient_norm},
                         {"train/learning_rate", report.learning_rate},
                         {"train/images_per_second", speed}});
      progress.update(run.state.step, fmt::format("loss {:.4f}, {:.1f} images/s", loss, speed));
      loss_sum = 0;
      loss_count = 0;
      logged_at = steady_clock::now();
    }
    if (run.state.step % options.validate_every == 0 || run.state.step == options.steps) {
      validate(run);
      logged_at = steady_clock::now();
    }
    is_stopped = stop_requested() ||
                 (options.time_limit_seconds > 0 && since(run.start) >= options.time_limit_seconds);
    if (is_stopped || run.state.step == options.steps ||
        since(run.saved_at) >= options.checkpoint_seconds)
      save(run);
    // Before the first validation there are no weights to export.
    if (is_export_due(run) && fs::exists(folder / "weights.safetensors")) export_run(run);
  }

  // A run that was stopped before its first validation leaves usable weights, too.
  if (!fs::exists(folder / "weights.safetensors")) validate(run);
  if (!places.exported.folder.empty()) export_run(run);
  const bool is_finished = run.state.step >= options.steps;
  if (!is_finished)
    spdlog::info("training the {} stopped at step {}; the same command goes on", task.name,
                 run.state.step);
  return {run.state.step, is_finished, run.state.best_score};
}

}  // namespace dmcvr
