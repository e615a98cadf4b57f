// SPDX-License-Identifier: Apache-2.0
// Strict options: plain structs with a JSON form, where a misspelled key, an unknown word or a lost
// decimal is an error that names its dotted path.
//
// An options struct declares its JSON form with NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE and a member
// `void check() const` that throws Error. Numbers are int64_t or double: a float would not come
// back as it went in.
#pragma once

#include "dmcvr/core/error.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace dmcvr {

// Throws Error at the first leaf of `given` that is missing from `taken` or differs there.
void check_all_taken(const nlohmann::json& given, const nlohmann::json& taken,
                     const std::string& source);

// Throws Error at the first value of `given` that is of another kind (a number, a word, a list, a
// group of options) than the one of `defaults` in its place, or no whole number of 64 bits where
// the default is one; items of a list are compared with the first of its default. Keys that
// `defaults` lacks pass.
void check_kinds(const nlohmann::json& given, const nlohmann::json& defaults,
                 const std::string& source);

// Sets `json` at a dotted path from "sampling.steps=20". The value is JSON if it parses as JSON,
// else a string. Throws Error without '=', and for options nested more than 32 deep.
void set_option(nlohmann::json& json, const std::string& assignment);

// The JSON of a text. Throws Error for what is nested more than 32 deep, since work on JSON is
// recursive; else nlohmann::json::exception as its parser does.
nlohmann::json parse_json(const std::string& text);

// Throws Error with path, place and reason; also for what is nested more than 32 deep.
nlohmann::json read_json(const std::filesystem::path& path);

// Throws Error: a value of the wrong JSON type, as the parser words it.
[[noreturn]] void throw_wrong_type(const std::string& reason, const std::string& source);

// For `check`: throws Error unless low <= value <= high.
template <typename Number>
void check_range(const char* name, Number value, Number low, Number high) {
  if (value >= low && value <= high) return;
  throw Error("{} {}: expected {} to {}", name, value, low, high);
}

// The defaults overridden by `given`, checked. `source` names the origin in errors: "--config
// a.json".
template <typename Options>
Options options_from_json(const nlohmann::json& given, const std::string& source,
                          const Options& defaults = {}) {
  nlohmann::json merged = defaults;
  check_kinds(given, merged, source);
  merged.merge_patch(given);
  Options options;
  try {
    options = merged.get<Options>();
  } catch (const nlohmann::json::exception& error) {
    throw_wrong_type(error.what(), source);
  }
  check_all_taken(given, nlohmann::json(options), source);
  options.check();
  return options;
}

}  // namespace dmcvr
