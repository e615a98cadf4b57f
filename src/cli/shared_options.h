// SPDX-License-Identifier: Apache-2.0
// The words that mean the same in every verb.
#pragma once

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr::cli {

// ---- how much is said, and by how many threads the work is done ----

struct SharedOptions {
  bool is_quiet = false;
  int64_t verbosity = 0;
  int64_t threads = 0;  // 0: all cores
};

// -q, -v, -vv, --threads.
void add_shared_options(CLI::App& command, SharedOptions& shared);
// Sets log level and thread count; called first by every verb.
void apply(const SharedOptions& shared);

// Log lines on stderr: "dmcvr: reading …", "dmcvr: warning: …".
void set_up_log();

// ---- how work ends early ----

// From here on Ctrl-C and SIGTERM wait for throw_if_interrupted; a second one ends the program at
// once.
void catch_interrupts();
// Called where nothing is half written. Throws Error after an interrupt; `left` says what is there.
void throw_if_interrupted(const char* left = "nothing was written");

// ---- options of the algorithms: defaults < --config < --set < named flags ----

struct Settings {
  std::string config;                               // a JSON file
  std::vector<std::string> assignments;             // "solver.nodes=20"
  nlohmann::json named = nlohmann::json::object();  // by named flags
  bool is_dry_run = false;
};

// --config, --set, --dry-run. The struct has to outlive the parsing, as always with CLI11.
void add_settings(CLI::App& command, Settings& settings);

// A named flag for the option at a JSON pointer: "--steps" for "/solver/nodes".
template <typename Value>
CLI::Option* add_setting(CLI::App& command, Settings& settings, const std::string& flag,
                         const std::string& pointer, const std::string& help) {
  return command.add_option_function<Value>(
      flag,
      [&settings, pointer](const Value& value) {
        settings.named[nlohmann::json::json_pointer(pointer)] = value;
      },
      help);
}

// The options in force. Throws Error as core/options.h, naming the place that gave the wrong one.
template <typename Options>
Options resolve(const Settings& settings, Options options = {}) {
  if (!settings.config.empty()) {
    options = options_from_json<Options>(read_json(settings.config), "--config " + settings.config,
                                         options);
  }
  nlohmann::json assigned = nlohmann::json::object();
  for (const std::string& assignment : settings.assignments) set_option(assigned, assignment);
  options = options_from_json<Options>(assigned, "--set", options);
  return options_from_json<Options>(settings.named, "option", options);
}

// With --dry-run prints the options on stdout and says true: nothing more is to be done.
bool printed_only(const Settings& settings, const nlohmann::json& options);

// ---- files that come with the program ----

// share/dmcvr/<name> of the installation that the program lies in, else <name> of the source tree.
// Throws Error if there is neither.
std::string bundled_folder(const std::string& name);

// ---- checks of values, for CLI11 ----

// Seconds from "90", "90s", "40m", "2h"; throws Error for anything else.
double seconds_from(const std::string& text);

}  // namespace dmcvr::cli
