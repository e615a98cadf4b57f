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

// What is the better the higher it is, or the lower.
const char* const kComparedMeasures[] = {"dice",      "dice_pose_free", "voe_percent", "asd_mm",
                                         "hd_mm",     "hd95_mm",        "assd_mm",     "asd_voxels",
                                         "hd_voxels", "assd_voxels"};

std::vector<std::string> shown_structures() {
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

double StructureScore::*field_of(const std::string& name) {
  for (const StructureMeasure& measure : structure_measures()) {
    if (name == measure.name) return measure.field;
  }
  TORCH_CHECK(false, "differences: no measure ", name);
}

const VolumeScore* find_volume(const CaseResult& result, const std::string& method,
                               const std::string& phase) {
  const auto place = std::find_if(
      result.volumes.begin(), result.volumes.end(),
      [&](const VolumeScore& score) { return score.method == method && score.phase == phase; });
  return place == result.volumes.end() ? nullptr : &*place;
}

using Groups = std::vector<std::vector<double>>;

// By case, of its phases.
Groups differences_of(const std::vector<CaseResult>& cases, const std::string& method,
                      const std::string& baseline, const Measure& measure) {
  Groups groups;
  for (const CaseResult& result : cases) {
    std::vector<double> phases;
    for (const VolumeScore& score : result.volumes) {
      if (score.method != method) continue;
      const VolumeScore* other = find_volume(result, baseline, score.phase);
      if (other == nullptr) continue;
      // PSNR of equal pictures is infinite, which no mean can hold.
      const double value = measure(score) - measure(*other);
      phases.push_back(std::isfinite(value) ? value : kNoScore);
    }
    groups.push_back(std::move(phases));
  }
  return groups;
}

// With its sign, that of zero being +.
std::string signed_number(double value, int digits) {
  const double scale = std::pow(10, digits);
  return fmt::format("{:+.{}f}", std::round(value * scale) / scale + 0.0, digits);
}

}  // namespace

std::string interval_text(const Interval& interval, int digits) {
  std::string text = "-";
  if (interval.values > 0) text = signed_number(interval.mean, digits);
  if (std::isfinite(interval.low)) {
    text += fmt::format(" [{}, {}]", signed_number(interval.low, digits),
                        signed_number(interval.high, digits));
  }
  return text;
}

std::string interval_cell(const Interval& interval, int digits) {
  return fmt::format("{:>{}}", interval_text(interval, digits), kIntervalWidth);
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
    Difference difference;
    difference.method = method;
    std::vector<Interval*> places;
    std::vector<Groups> measured;
    const auto measure = [&](Interval& place, const Measure& what) {
      places.push_back(&place);
      measured.push_back(differences_of(cases, method, baseline, what));
    };
    for (const char* name : kComparedMeasures) {
      for (const std::string& structure : scored_structures()) {
        measure(difference.structures[name][structure],
                structure_measure(structure, field_of(name)));
      }
    }
    measure(difference.structures["dice"][kOfAll], mean_dice);
    measure(difference.structures["dice_pose_free"][kOfAll], mean_dice_pose_free);
    for (const PictureMeasure& picture : picture_measures()) {
      measure(difference.pictures[picture.name],
              [&picture](const VolumeScore& score) { return score.*picture.field; });
    }
    const auto intervals = bootstrap_means(measured);
    for (size_t n = 0; n < places.size(); ++n) *places[n] = intervals[n];
    result.push_back(std::move(difference));
  }
  return result;
}

json to_json(const std::vector<Difference>& differences) {
  json result = json::array();
  for (const Difference& difference : differences) {
    json content = {{"method", difference.method}};
    for (const auto& [measure, structures] : difference.structures) {
      for (const auto& [name, interval] : structures)
        content[measure][name] = interval_json(interval, "volumes");
    }
    for (const auto& [measure, interval] : difference.pictures)
      content[measure] = interval_json(interval, "volumes");
    result.push_back(std::move(content));
  }
  return result;
}

std::vector<std::string> difference_lines(const std::vector<Difference>& differences,
                                          const std::string& baseline) {
  std::vector<std::string> lines;
  const auto block = [&](const std::string& title, const char* dice, bool with_psnr) {
    std::string heading = fmt::format("{:<20}", title);
    for (const std::string& name : shown_structures())
      heading += fmt::format("{:>{}}", name, kIntervalWidth);
    if (with_psnr) heading += fmt::format("{:>{}}", "PSNR/dB", kIntervalWidth);
    lines.push_back(heading);
    for (const Difference& difference : differences) {
      std::string line = fmt::format("{:<20}", difference.method);
      for (const std::string& name : shown_structures())
        line += interval_cell(difference.structures.at(dice).at(name), 3);
      if (with_psnr) line += interval_cell(difference.pictures.at("psnr_db"), 2);
      lines.push_back(line);
    }
  };
  if (differences.empty()) return lines;
  block(fmt::format("minus {}", baseline), "dice", true);
  block("  pose-free", "dice_pose_free", false);
  return lines;
}

}  // namespace dmcvr
