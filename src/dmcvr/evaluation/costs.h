// SPDX-License-Identifier: Apache-2.0
// What answers take: the other side of what they are worth.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

// Of one method. Work that several methods share, such as finding the heart, counts for each that
// uses it, as if it were alone.
struct MethodCost {
  std::string method;
  int64_t planes = 0;              // that were asked for, over the phases
  double seconds = 0;              // by the clock of the machine at hand
  int64_t evaluations = 0;         // pictures through networks, each time counted
  int64_t optimization_steps = 0;  // iterations that fit something to the pictures at hand
};

void to_json(nlohmann::json& json, const MethodCost& cost);
void from_json(const nlohmann::json& json, MethodCost& cost);

// Sums by method, in the order in which the methods first occur.
std::vector<MethodCost> total_costs(const std::vector<MethodCost>& costs);

// Per plane, of sums; without seconds, so that equal runs say the same.
nlohmann::json costs_per_plane(const std::vector<MethodCost>& totals);

// A heading and a line per method, below those of table_lines (summary.h).
std::vector<std::string> cost_lines(const std::vector<MethodCost>& totals);

}  // namespace dmcvr
