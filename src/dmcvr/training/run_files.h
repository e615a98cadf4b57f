// SPDX-License-Identifier: Apache-2.0
// One call of train(): where the run is, and what it leaves in its folder. The parts of the loop
// (loop.h), not for others but for holds_run and is_file_of_run.
#pragma once

#include "dmcvr/training/event_file.h"
#include "dmcvr/training/loop.h"
#include "dmcvr/training/run_log.h"
#include "dmcvr/training/run_state.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace dmcvr {

using Moment = std::chrono::steady_clock::time_point;

// Seconds.
double since(Moment start);

struct Run {
  const TrainTask& task;
  const TrainOptions& options;
  const RunPlaces& places;
  const Ranks& ranks;
  RunState state;
  std::optional<RunLog> log = {};  // of the first process, as all that is written
  std::optional<EventFile> events = {};
  double earlier_seconds = 0;  // of calls before this one
  Moment start = std::chrono::steady_clock::now();
  int64_t saved_step = 0;  // of the newest checkpoint; 0: none yet
  Moment saved_at = start;
  Moment exported_at = start;

  double seconds() const { return earlier_seconds + since(start); }
};

// The functions below throw Error where writing fails, which says of which step the last good
// checkpoint is.

// Makes the folder, or goes on with the run that is in it, or begins from an export.
void open_folder(Run& run);

bool holds_run(const std::filesystem::path& folder);
// Whether a run in the folder writes the file, or removes it where it begins anew.
bool is_file_of_run(const std::filesystem::path& file, const std::filesystem::path& folder);

void write_log(const Run& run, const nlohmann::json& line);
void write_events(Run& run, const std::map<std::string, double>& scalars,
                  const Pictures& pictures = {});

void save(Run& run);       // last.safetensors
void save_best(Run& run);  // best.safetensors, then weights.safetensors, which follows from it
// Before the first validation: weights.safetensors from the average as it is, since a validation
// may take longer than what is left of a time limit. Nothing afterwards, and nothing over earlier
// ones while the loss is in doubt.
void save_unvalidated_weights(const Run& run);
bool is_export_due(const Run& run);
void export_run(Run& run);  // with weights, as above

}  // namespace dmcvr
