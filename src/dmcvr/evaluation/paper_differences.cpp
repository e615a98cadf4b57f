// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/paper_differences.h"

#include "dmcvr/evaluation/paper_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace dmcvr {
namespace {

struct DifferenceColumn {
  std::string title;
  std::function<const Interval&(const Difference&)> interval;
  int digits = 3;
};

struct ComparedMeasure {
  const char* name;
  const char* title;
  int digits;
};

std::vector<DifferenceColumn> columns_of(const std::string& structure) {
  constexpr ComparedMeasure kOfLabels[] = {{"dice", "DICE", 3},        {"voe_percent", "VOE/%", 2},
                                           {"asd_voxels", "ASD", 3},   {"hd_voxels", "HD", 2},
                                           {"assd_voxels", "ASSD", 3}, {"hd95_mm", "HD95/mm", 2}};
  constexpr ComparedMeasure kOfPictures[] = {{"stack_psnr_db", "PSNR/dB", 2},
                                             {"stack_ssim", "SSIM", 3}};
  std::vector<DifferenceColumn> columns;
  for (const ComparedMeasure& measure : kOfLabels) {
    columns.push_back({measure.title,
                       [measure, structure](const Difference& difference) -> const Interval& {
                         return difference.structures.at(measure.name).at(structure);
                       },
                       measure.digits});
  }
  if (structure != kUnion) return columns;
  for (const ComparedMeasure& measure : kOfPictures) {
    columns.push_back({measure.title,
                       [measure](const Difference& difference) -> const Interval& {
                         return difference.pictures.at(measure.name);
                       },
                       measure.digits});
  }
  return columns;
}

bool has_values(const std::vector<Difference>& differences, const DifferenceColumn& column) {
  return std::any_of(differences.begin(), differences.end(), [&](const Difference& difference) {
    return column.interval(difference).values > 0;
  });
}

}  // namespace

std::vector<std::string> paper_difference_lines(const std::vector<Difference>& differences,
                                                const std::string& baseline) {
  std::vector<std::string> lines;
  if (differences.empty()) return lines;
  std::string heading = "All labels, minus " + baseline;
  lines.push_back(fmt::format("{:<28}", heading));
  for (const Difference& difference : differences)
    lines.back() += fmt::format("{:>{}}", difference.method, kIntervalWidth);
  for (const DifferenceColumn& column : columns_of(kUnion)) {
    if (!has_values(differences, column)) continue;
    lines.push_back(fmt::format("{:<28}", column.title));
    for (const Difference& difference : differences)
      lines.back() += interval_cell(column.interval(difference), column.digits);
  }
  return lines;
}

std::vector<std::string> paper_difference_markdown(const std::vector<Difference>& differences,
                                                   const std::string& baseline) {
  std::vector<std::string> lines;
  if (differences.empty()) return lines;
  for (const std::string& structure : union_first()) {
    if (!lines.empty()) lines.emplace_back();
    lines.insert(lines.end(), {fmt::format("**{}, minus {}, with 95 % intervals**",
                                           block_title(structure), baseline),
                               ""});
    const auto columns = columns_of(structure);
    std::string titles = "| method |", rule = "|---|";
    for (const DifferenceColumn& column : columns) {
      titles += fmt::format(" {} |", column.title);
      rule += "---|";
    }
    lines.insert(lines.end(), {titles, rule});
    for (const Difference& difference : differences) {
      std::string line = fmt::format("| {} |", difference.method);
      for (const DifferenceColumn& column : columns)
        line += fmt::format(" {} |", interval_text(column.interval(difference), column.digits));
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace dmcvr
