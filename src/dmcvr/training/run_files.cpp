// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/run_files.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/version.h"
#include "dmcvr/training/checkpoint.h"

#include <spdlog/spdlog.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::steady_clock;

namespace {

constexpr const char* kRunFiles[] = {"last.safetensors", "best.safetensors", "weights.safetensors",
                                     "log.jsonl", "options.json"};

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

void remove_run(const fs::path& folder) {
  for (const char* name : kRunFiles) fs::remove(folder / name);
  std::vector<fs::path> events;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().rfind("events.out.tfevents.", 0) == 0)
      events.push_back(entry.path());
  }
  for (const fs::path& path : events) fs::remove(path);
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

}  // namespace

double since(Moment start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

bool holds_run(const fs::path& folder) {
  return fs::exists(folder / "last.safetensors") || fs::exists(folder / "options.json");
}

bool is_file_of_run(const fs::path& file, const fs::path& folder) {
  const fs::path there = fs::weakly_canonical(file);
  return std::any_of(std::begin(kRunFiles), std::end(kRunFiles), [&](const char* name) {
    return there == fs::weakly_canonical(folder / name);
  });
}

// The folder of a run: begun, or gone on with.
void open_folder(Run& run) {
  const fs::path& folder = run.places.folder;
  run.places.exported.check();
  if (run.places.begins_anew && holds_run(folder)) {
    if (!run.places.from.empty()) check_export(run.places.from);
    remove_run(folder);
  }
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("{}: the folder cannot be made: {}", folder.string(), failure.message());
  run.log.emplace(folder / "log.jsonl");
  remove_temporaries(folder);
  if (const auto found = newest_checkpoint(folder)) {
    resume(run, *found);
  } else if (!run.places.from.empty()) {
    begin_from_export(run);
  }
  const json resolved = {{"kind", run.task.name},
                         {"task", run.task.options},
                         {"training", run.options},
                         {"version", version()},
                         {"torch", torch_version()}};
  write_file(folder / "options.json",
             [&](std::ostream& stream) { stream << resolved.dump(2) << "\n"; });
  run.events.emplace(folder, run.state.step > 0 ? run.state.step + 1 : 0);
}

void write_log(const Run& run, const json& line) {
  write_or_say_what_is_left(run, [&] { run.log->write(line); });
}

void write_events(Run& run, const std::map<std::string, double>& scalars,
                  const Pictures& pictures) {
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

void save_best(Run& run) {
  write_or_say_what_is_left(run, [&] {
    write_checkpoint(run.places.folder / "best.safetensors", checkpoint_of(run.state));
    run.saved_step = run.state.step;
    save_average(run, run.state.ema.average);
  });
}

void save_unvalidated_weights(const Run& run) {
  if (run.state.best_score || fs::exists(run.places.folder / "best.safetensors")) return;
  if (run.state.watch.is_in_doubt() && fs::exists(run.places.folder / "weights.safetensors"))
    return;
  write_or_say_what_is_left(run, [&] { save_average(run, run.state.ema.average); });
}

void export_run(Run& run) {
  save_unvalidated_weights(run);
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

}  // namespace dmcvr
