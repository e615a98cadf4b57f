// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/per_case.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Rounded as in CSV files.
void add(ordered_json& record, const std::string& name, double value) {
  if (std::isfinite(value)) record[name] = std::stod(fmt::format("{:.6g}", value));
}

std::string one_line(const ordered_json& record) {
  return record.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string line_of(const VolumeScore& volume) {
  ordered_json record = {{"phase", volume.phase}, {"method", volume.method}};
  for (const std::string& name : scored_structures()) {
    const auto structure = volume.structures.find(name);
    if (structure == volume.structures.end()) continue;
    ordered_json values = ordered_json::object();
    for (const StructureMeasure& measure : structure_measures())
      add(values, measure.name, structure->second.*measure.field);
    record[name] = std::move(values);
  }
  for (const PictureMeasure& measure : picture_measures())
    add(record, measure.name, volume.*measure.field);
  return one_line(record);
}

std::string line_of(const ViewScore& picture) {
  ordered_json record = {
      {"phase", picture.phase}, {"view", picture.view}, {"method", picture.method}};
  for (const ViewMeasure& measure : view_measures())
    add(record, measure.name, measure.value(picture));
  return one_line(record);
}

}  // namespace

std::vector<std::string> per_case_lines(const std::vector<CaseResult>& cases) {
  std::vector<std::string> lines = {"["};
  for (size_t n = 0; n < cases.size(); ++n) {
    const CaseResult& result = cases[n];
    std::vector<std::string> scores;
    for (const VolumeScore& volume : result.volumes) scores.push_back(line_of(volume));
    for (const ViewScore& picture : result.views) scores.push_back(line_of(picture));
    // An object that is still open.
    std::string head = one_line({{"case", result.name}, {"truth", json(result.truth)}});
    head.back() = ',';
    lines.push_back("    " + head + "\"scores\":[");
    for (size_t k = 0; k < scores.size(); ++k)
      lines.push_back("      " + scores[k] + (k + 1 < scores.size() ? "," : ""));
    lines.push_back(n + 1 < cases.size() ? "    ]}," : "    ]}");
  }
  lines.emplace_back("  ]");
  return lines;
}

}  // namespace dmcvr
