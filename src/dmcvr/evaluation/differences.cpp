// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/differences.h"

#include "dmcvr/core/label_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace dmcvr {
namespace {

using nlohmann::json;
using Measure = std::function<double(const VolumeScore&)>;

const char* const kOfAll = "mean";

std::vector<std::string> measured_structures() {
  std::vector<std::string> names;
  for (const auto& [label, name] : label_table()) names.push_back(name);
  names.emplace_back(kOfAll);
  return names;
}

Measure structure_measure(const std::string& name, double StructureScore::*field) {
  return [name, field](const VolumeScore& score) {
    const auto structure = score.structures.find(name);
    return structure == score.structures.end() ? kNoScore : structure->second.*field;
  };
}

const VolumeScore* find_volume(const CaseResult& result, const std::string& method,
                               const std::string& phase) {
  const auto place = std::find_if(
      result.volumes.begin(), result.volumes.end(),
      [&](const VolumeScore& score) { return score.method == method && score.phase == phase; });
  return place == result.volumes.end() ? nullptr : &*place;
}

Interval difference_of(const std::vector<CaseResult>& cases, const std::string& method,
                       const std::string& baseline, const Measure& measure) {
  std::vector<std::vector<double>> groups;
  for (const CaseResult& result : cases) {
    std::vector<double> phases;
    for (const VolumeScore& score : result.volumes) {
      if (score.method != method) continue;
      const VolumeScore* other = find_volume(result, baseline, score.phase);
      if (other != nullptr) phases.push_back(measure(score) - measure(*other));
    }
    groups.push_back(std::move(phases));
  }
  return bootstrap_mean(groups);
}

// With its sign, that of zero being +.
std::string signed_number(double value, int digits) {
  const double scale = std::pow(10, digits);
  return fmt::format("{:+.{}f}", std::round(value * scale) / scale + 0.0, digits);
}

}  // namespace

std::string interval_cell(const Interval& interval, int digits) {
  std::string text = "-";
  if (interval.values > 0) text = signed_number(interval.mean, digits);
  if (std::isfinite(interval.low)) {
    text += fmt::format(" [{}, {}]", signed_number(interval.low, digits),
                        signed_number(interval.high, digits));
  }
  return fmt::format("{:>{}}", text, kIntervalWidth);
}

json interval_json(const Interval& interval, const std::string& values) {
  const auto number = [](double value) { return std::isfinite(value) ? json(value) : json(); };
  return {{values, interval.values},
          {"cases", interval.groups},
          {"mean", number(interval.mean)},
          {"low", number(interval.low)},
          {"high", number(interval.high)}};
}

std::vector<Difference> differences(const std::vector<CaseResult>& cases,
                                    const std::string& baseline) {
  const auto methods = methods_of(cases);
  std::vector<Difference> result;
  if (std::find(methods.begin(), methods.end(), baseline) == methods.end()) return result;
  for (const std::string& method : methods) {
    if (method == baseline) continue;
    const auto over_cases = [&](const Measure& measure) {
      return difference_of(cases, method, baseline, measure);
    };
    Difference difference;
    difference.method = method;
    for (const auto& [label, name] : label_table()) {
      difference.dice[name] = over_cases(structure_measure(name, &StructureScore::dice));
      difference.dice_pose_free[name] =
          over_cases(structure_measure(name, &StructureScore::dice_pose_free));
    }
    difference.dice[kOfAll] = over_cases(mean_dice);
    difference.dice_pose_free[kOfAll] = over_cases(mean_dice_pose_free);
    difference.psnr_db = over_cases([](const VolumeScore& score) { return score.psnr_db; });
    result.push_back(std::move(difference));
  }
  return result;
}

json to_json(const std::vector<Difference>& differences) {
  const auto by_structure = [](const std::map<std::string, Interval>& intervals) {
    json content = json::object();
    for (const auto& [name, interval] : intervals)
      content[name] = interval_json(interval, "volumes");
    return content;
  };
  json result = json::array();
  for (const Difference& difference : differences) {
    result.push_back({{"method", difference.method},
                      {"dice", by_structure(difference.dice)},
                      {"dice_pose_free", by_structure(difference.dice_pose_free)},
                      {"psnr_db", interval_json(difference.psnr_db, "volumes")}});
  }
  return result;
}

std::vector<std::string> difference_lines(const std::vector<Difference>& differences,
                                          const std::string& baseline) {
  std::vector<std::string> lines;
  const auto block = [&](const std::string& title,
                         std::map<std::string, Interval> Difference::*dice, bool with_psnr) {
    std::string heading = fmt::format("{:<20}", title);
    for (const std::string& name : measured_structures())
      heading += fmt::format("{:>{}}", name, kIntervalWidth);
    if (with_psnr) heading += fmt::format("{:>{}}", "PSNR/dB", kIntervalWidth);
    lines.push_back(heading);
    for (const Difference& difference : differences) {
      std::string line = fmt::format("{:<20}", difference.method);
      for (const std::string& name : measured_structures())
        line += interval_cell((difference.*dice).at(name), 3);
      if (with_psnr) line += interval_cell(difference.psnr_db, 2);
      lines.push_back(line);
    }
  };
  if (differences.empty()) return lines;
  block(fmt::format("minus {}", baseline), &Difference::dice, true);
  block("  pose-free", &Difference::dice_pose_free, false);
  return lines;
}

}  // namespace dmcvr
