// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/summary.h"

#include "dmcvr/core/label_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dmcvr {
namespace {

using nlohmann::json;

const char* const kMean = "mean";

// Values of one method, in the order of the volumes.
struct Columns {
  int64_t volumes = 0;
  std::map<std::string, std::map<std::string, std::vector<double>>> structures;
  std::map<std::string, std::vector<double>> pictures;
  std::vector<double> shifts_mm;
};

void add(Columns& columns, const VolumeScore& score) {
  ++columns.volumes;
  for (const PictureMeasure& measure : picture_measures())
    columns.pictures[measure.name].push_back(score.*measure.field);
  columns.shifts_mm.insert(columns.shifts_mm.end(), score.shifts_mm.begin(), score.shifts_mm.end());
  for (const auto& [name, structure] : score.structures) {
    for (const StructureMeasure& measure : structure_measures())
      columns.structures[name][measure.name].push_back(structure.*measure.field);
  }
  if (score.structures.empty()) return;
  columns.structures[kMean]["dice"].push_back(mean_dice(score));
  columns.structures[kMean]["dice_pose_free"].push_back(mean_dice_pose_free(score));
}

json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

json to_json(const Summary& summary) {
  return {{"volumes", summary.count},
          {"absent", summary.absent},
          {"mean", number(summary.mean)},
          {"deviation", number(summary.deviation)}};
}

// Names of the columns of structures, in the order of the table.
std::vector<std::string> structure_columns() {
  std::vector<std::string> names;
  for (const auto& [label, name] : label_table()) names.push_back(name);
  names.emplace_back(kMean);
  return names;
}

}  // namespace

std::string heading_cell(const std::string& text, bool deviations) {
  return deviations ? fmt::format("{:>7}      ", text) : fmt::format("{:>9}", text);
}

std::string summary_cell(const Summary& summary, int digits, bool deviations) {
  if (summary.count == 0) return heading_cell("-", deviations);
  auto mean = fmt::format("{:>{}.{}f}", summary.mean, deviations ? 7 : 9, digits);
  if (!deviations) return mean;
  // The sign is one column wide and two bytes long.
  if (summary.count < 2) return mean + "      ";
  return mean + fmt::format("±{:<5.{}f}", summary.deviation, digits);
}

std::vector<MethodSummary> summarize(const std::vector<VolumeScore>& scores) {
  std::vector<std::string> order;
  std::map<std::string, Columns> methods;
  for (const VolumeScore& score : scores) {
    if (methods.count(score.method) == 0) order.push_back(score.method);
    add(methods[score.method], score);
  }
  std::vector<MethodSummary> result;
  for (const std::string& name : order) {
    const Columns& columns = methods.at(name);
    MethodSummary method;
    method.method = name;
    method.volumes = columns.volumes;
    for (const auto& [structure, measures] : columns.structures) {
      for (const auto& [measure, values] : measures)
        method.structures[structure][measure] = summarize(values);
    }
    for (const auto& [measure, values] : columns.pictures)
      method.pictures[measure] = summarize(values);
    if (!columns.shifts_mm.empty())
      method.median_shift_mm = percentile(torch::tensor(columns.shifts_mm, torch::kFloat64), 50);
    result.push_back(std::move(method));
  }
  return result;
}

json to_json(const std::vector<MethodSummary>& methods) {
  json result = json::array();
  for (const MethodSummary& method : methods) {
    json structures = json::object();
    for (const auto& [structure, measures] : method.structures) {
      for (const auto& [measure, summary] : measures)
        structures[structure][measure] = to_json(summary);
    }
    json pictures = json::object();
    for (const auto& [measure, summary] : method.pictures) pictures[measure] = to_json(summary);
    result.push_back({{"method", method.method},
                      {"volumes", method.volumes},
                      {"structures", structures},
                      {"pictures", pictures},
                      {"median_shift_mm", number(method.median_shift_mm)}});
  }
  return result;
}

std::vector<std::string> table_lines(const std::vector<MethodSummary>& methods, bool deviations) {
  const auto columns = structure_columns();
  const auto block = [&](const std::string& title, const std::string& last_column) {
    std::string line = fmt::format("{:<20}", title);
    for (const auto& name : columns) line += heading_cell(name, deviations);
    return line + heading_cell(last_column, deviations);
  };
  const auto dice_cells = [&](const MethodSummary& method, const char* measure) {
    std::string line = fmt::format("{:<20}", method.method);
    for (const auto& name : columns) {
      const auto structure = method.structures.find(name);
      line += summary_cell(
          structure == method.structures.end() ? Summary() : structure->second.at(measure), 3,
          deviations);
    }
    return line;
  };

  std::vector<std::string> lines = {block("as is", "PSNR/dB")};
  bool any_labels = false;
  for (const MethodSummary& method : methods) {
    lines.push_back(dice_cells(method, "dice") +
                    summary_cell(method.pictures.at("psnr_db"), 2, deviations));
    any_labels = any_labels || !method.structures.empty();
  }
  if (any_labels) {
    lines.push_back(block("pose-free", "shift/mm"));
    for (const MethodSummary& method : methods) {
      if (method.structures.empty()) continue;
      Summary shift;
      shift.count = std::isnan(method.median_shift_mm) ? 0 : 1;
      shift.mean = method.median_shift_mm;
      lines.push_back(dice_cells(method, "dice_pose_free") + summary_cell(shift, 2, deviations));
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

std::vector<std::string> one_sided_lines(const std::vector<MethodSummary>& methods) {
  std::vector<std::string> lines;
  for (const MethodSummary& method : methods) {
    for (const std::string& name : scored_structures()) {
      const auto structure = method.structures.find(name);
      if (structure == method.structures.end()) continue;
      for (const auto& [measure, what] :
           {std::pair("missed", "is missing"), std::pair("invented", "is where it is not")}) {
        const Summary& times = structure->second.at(measure);
        const auto count =
            std::llround(times.count == 0 ? 0 : times.mean * static_cast<double>(times.count));
        if (count == 0) continue;
        lines.push_back(fmt::format("{} {} in {} of {} volumes of {}",
                                    name == kUnion ? "the whole heart" : name, what, count,
                                    times.count, method.method));
      }
    }
  }
  if (!lines.empty())
    lines.emplace_back("there Dice is 0, VOE 100 %, and distances are the diagonal of the stack");
  return lines;
}

}  // namespace dmcvr
