// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/options.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <utility>

namespace dmcvr {

using nlohmann::json;

namespace {

constexpr int kDeepest = 32;  // groups and lists in each other: working on them is recursive

// Throws what json::parse throws, and Error where it is nested deeper than that.
template <typename Input>
json parsed(Input&& input) {
  return json::parse(std::forward<Input>(input), [](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest) throw Error("options nested more than {} deep", kDeepest);
    return true;
  });
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void check_node(const json& given, const json& taken, const std::string& path,
                const std::string& source) {
  if (given.is_object() && taken.is_object()) {
    for (const auto& [key, value] : given.items()) {
      const std::string inner = path.empty() ? key : path + "." + key;
      if (!taken.contains(key)) throw Error("{}: unknown option '{}'", source, inner);
      check_node(value, taken.at(key), inner, source);
    }
    return;
  }
  if (given != taken) throw Error("{}: option '{}' cannot be {}", source, path, text_of(given));
}

const char* kind_of(const json& value) {
  if (value.is_object()) return "a group of options";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "a word";
  if (value.is_boolean()) return "true or false";
  return value.is_null() ? "nothing" : "a number";
}

// Whether int64_t can hold it: the conversion of other numbers is not defined.
bool is_whole(const json& number) {
  if (number.is_number_unsigned())
    return number.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()};
  if (!number.is_number_float()) return true;
  const auto value = number.get<double>();
  return value == std::floor(value) && std::abs(value) < 0x1p63;
}

void check_kind(const json& given, const json& standard, const std::string& path,
                const std::string& source) {
  if (given.is_object() && standard.is_object()) {
    for (const auto& [key, value] : given.items()) {
      if (standard.contains(key))
        check_kind(value, standard.at(key), path.empty() ? key : path + "." + key, source);
    }
    return;
  }
  if (standard.is_null()) return;  // an option without a default
  const std::string found = kind_of(given), expected = kind_of(standard);
  if (found != expected && path.empty())
    throw Error("{}: expected {}, not {}", source, expected, found);
  if (found != expected)
    throw Error("{}: option '{}' is {}, it cannot be {}", source, path, expected, text_of(given));
  if (standard.is_number_integer() && !is_whole(given))
    throw Error("{}: option '{}' cannot be {}", source, path, text_of(given));
  if (!standard.is_array() || standard.empty()) return;
  for (const json& one : given) check_kind(one, standard.front(), path, source);
}

}  // namespace

void check_kinds(const json& given, const json& defaults, const std::string& source) {
  check_kind(given, defaults, "", source);
}

void check_all_taken(const json& given, const json& taken, const std::string& source) {
  check_node(given, taken, "", source);
}

void set_option(json& options, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error("'{}': expected PATH=VALUE, for example sampling.steps=20", assignment);
  }
  json* node = &options;
  const std::string path = assignment.substr(0, equals);
  if (std::count(path.begin(), path.end(), '.') >= kDeepest)
    throw Error("'{:.40}...': options nested more than {} deep", path, kDeepest);
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    if (!node->is_object() && !node->is_null()) {
      throw Error("'{}': '{}' holds no options", assignment, path.substr(0, begin - 1));
    }
    node = &(*node)[path.substr(begin, end - begin)];
    begin = end + 1;
  }
  const std::string value = assignment.substr(equals + 1);
  try {
    *node = parse_json(value);
  } catch (const json::exception&) {  // a word
    *node = value;
  }
}

json parse_json(const std::string& text) {
  return parsed(text);
}

json read_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw Error("{}: cannot be read", path.string());
  try {
    return parsed(stream);
  } catch (const json::parse_error& error) {
    throw Error("{}: not valid JSON at byte {}", path.string(), error.byte);
  } catch (const json::out_of_range& error) {
    throw_wrong_type(error.what(), path.string());  // a number beyond all numbers
  }
}

void throw_wrong_type(const std::string& reason, const std::string& source) {
  // "[json.exception.type_error.302] type must be number, but is string"
  const auto bracket = reason.find("] ");
  throw Error("{}: {}", source, bracket == std::string::npos ? reason : reason.substr(bracket + 2));
}

}  // namespace dmcvr
