// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/costs.h"

#include <fmt/format.h>

#include <algorithm>

namespace dmcvr {
namespace {

using nlohmann::json;

double per_plane(double amount, const MethodCost& cost) {
  return cost.planes > 0 ? amount / static_cast<double>(cost.planes) : 0;
}

}  // namespace

void to_json(json& content, const MethodCost& cost) {
  content = {{"method", cost.method},
             {"planes", cost.planes},
             {"seconds", cost.seconds},
             {"evaluations", cost.evaluations},
             {"optimization_steps", cost.optimization_steps}};
}

void from_json(const json& content, MethodCost& cost) {
  content.at("method").get_to(cost.method);
  content.at("planes").get_to(cost.planes);
  content.at("seconds").get_to(cost.seconds);
  content.at("evaluations").get_to(cost.evaluations);
  content.at("optimization_steps").get_to(cost.optimization_steps);
}

std::vector<MethodCost> total_costs(const std::vector<MethodCost>& costs) {
  std::vector<MethodCost> totals;
  for (const MethodCost& cost : costs) {
    const auto same = [&](const MethodCost& total) { return total.method == cost.method; };
    auto total = std::find_if(totals.begin(), totals.end(), same);
    if (total == totals.end()) {
      totals.push_back(cost);
      continue;
    }
    total->planes += cost.planes;
    total->seconds += cost.seconds;
    total->evaluations += cost.evaluations;
    total->optimization_steps += cost.optimization_steps;
  }
  return totals;
}

json costs_per_plane(const std::vector<MethodCost>& totals) {
  json result = json::array();
  for (const MethodCost& cost : totals) {
    result.push_back(
        {{"method", cost.method},
         {"planes", cost.planes},
         {"evaluations", per_plane(static_cast<double>(cost.evaluations), cost)},
         {"optimization_steps", per_plane(static_cast<double>(cost.optimization_steps), cost)}});
  }
  return result;
}

std::vector<std::string> cost_lines(const std::vector<MethodCost>& totals) {
  std::vector<std::string> lines;
  if (totals.empty()) return lines;
  lines.push_back(fmt::format("{:<20}{:>10}{:>16}{:>24}", "per plane", "seconds", "evaluations",
                              "optimization steps"));
  for (const MethodCost& cost : totals) {
    lines.push_back(fmt::format("{:<20}{:>10.2f}{:>16.1f}{:>24.1f}", cost.method,
                                per_plane(cost.seconds, cost),
                                per_plane(static_cast<double>(cost.evaluations), cost),
                                per_plane(static_cast<double>(cost.optimization_steps), cost)));
  }
  return lines;
}

}  // namespace dmcvr
