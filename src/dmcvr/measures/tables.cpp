// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/tables.h"

#include "dmcvr/core/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

using nlohmann::json;
using Value = std::optional<double>;

// Four decimals: a tenth of a microliter, far below a voxel.
double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

json number_or_null(const Value& value) {
  return value ? json(rounded(*value)) : json();
}

Value known(double value) {
  return value > 0 ? Value(value) : Value();
}

std::string phase_name(const HeartMeasures& measures, const std::optional<size_t>& phase) {
  return phase ? measures.phase_names[*phase] : "";
}

json keys_json(const Measures& values) {
  json result = json::object();
  for (const MeasureKey& key : measure_keys()) result[key.key] = number_or_null(values.*key.value);
  return result;
}

// A structure of no voxel has no volume that is known.
json volumes_json(const PhaseVolumes& phase) {
  const std::pair<const char*, int64_t> structures[] = {
      {"lv", kLvc}, {"lv_myocardium", kLvm}, {"rv", kRvc}};
  json result = json::object();
  for (const auto& [name, label] : structures) {
    const StructureVolume& volume = phase.at(label);
    const bool is_there = volume.voxels > 0;
    const std::string key = name;
    result[key + "_ml"] = is_there ? json(rounded(volume.ml)) : json();
    result[key + "_cap_ml"] = is_there ? json(rounded(volume.cap_ml)) : json();
  }
  return result;
}

json phases_json(const HeartMeasures& measures) {
  json phases = json::array();
  for (size_t t = 0; t < measures.phase_names.size(); ++t) {
    json phase = {{"name", measures.phase_names[t]},
                  {"time_ms", measures.times_ms.empty() ? json() : json(measures.times_ms[t])},
                  {"discs", volumes_json(measures.disc_volumes[t])}};
    phase["dense"] =
        measures.dense_volumes.empty() ? json() : volumes_json(measures.dense_volumes[t]);
    phases.push_back(phase);
  }
  return phases;
}

json segments_json(const WallMeasures& wall) {
  const auto values_json = [](const SegmentValues& values) {
    json list = json::array();
    for (const Value& value : values) list.push_back(number_or_null(value));
    return list;
  };
  return {{"ed_mm", values_json(wall.ed_mm)},
          {"es_mm", values_json(wall.es_mm)},
          {"thickening_percent", values_json(wall.thickening_percent)},
          {"problem", wall.problem}};
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char letter : text) result += letter == '"' ? "\"\"" : std::string(1, letter);
  return result + "\"";
}

std::string cell(const Value& value) {
  return value ? fmt::format("{}", rounded(*value)) : "";
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string column(const Value& value, int width = 10) {
  return value ? fmt::format("{:>{}.1f}", *value, width) : fmt::format("{:>{}}", "-", width);
}

bool is_known(const HeartMeasures& measures, const MeasureKey& key) {
  return measures.discs.*key.value || (measures.dense && (*measures.dense).*key.value);
}

// "phase00: LVC 142 ml, LVM 98 ml, RVC 160 ml", by discs.
std::string phase_line(const HeartMeasures& measures, size_t phase) {
  std::string line = measures.phase_names[phase] + ":";
  const char* between = " ";
  for (const auto& [label, name] : label_table()) {
    const StructureVolume& volume = measures.disc_volumes[phase].at(label);
    line += fmt::format("{}{} {}", between, name,
                        volume.voxels > 0 ? fmt::format("{:.1f} ml", volume.ml) : "-");
    between = ", ";
  }
  return line;
}

bool is_any_known(const SegmentValues& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& value) { return value; });
}

// "wall in ED, mm: basal 9.1 8.8 …, mid …": segments 1 to 16 in their order.
std::string wall_line(const char* what, const SegmentValues& values) {
  std::string line = what;
  std::string level;
  for (size_t s = 0; s < kAhaSegments; ++s) {
    const std::string own = aha_segments()[s].level;
    if (own != level) line += (level.empty() ? " " : ", ") + own;
    level = own;
    line += values[s] ? fmt::format(" {:.1f}", *values[s]) : " -";
  }
  return line;
}

// Of the dense heart where there is one.
std::vector<std::string> wall_lines(const HeartMeasures& measures) {
  const WallMeasures& wall = measures.dense_wall ? *measures.dense_wall : measures.disc_wall;
  std::vector<std::string> lines;
  if (is_any_known(wall.ed_mm)) lines.push_back(wall_line("wall in ED, mm:", wall.ed_mm));
  if (is_any_known(wall.es_mm)) lines.push_back(wall_line("wall in ES, mm:", wall.es_mm));
  if (!wall.problem.empty()) lines.push_back("note: no wall thickness: " + wall.problem);
  return lines;
}

}  // namespace

json measures_json(const HeartMeasures& measures) {
  const BsaFormula& formula = bsa_formula(measures.body.bsa_formula);
  json body = {{"height_cm", number_or_null(known(measures.body.height_cm))},
               {"weight_kg", number_or_null(known(measures.body.weight_kg))},
               {"bsa_m2", number_or_null(measures.bsa_m2)}};
  if (measures.bsa_m2) {
    body["bsa_formula"] = formula.word;
    body["bsa_equation"] = formula.formula;
    body["bsa_source"] = formula.source;
  }
  return {{"format", kMeasuresFormat},
          {"version", version()},
          {"case", measures.name},
          {"ed", measures.ed ? json(phase_name(measures, measures.ed)) : json()},
          {"es", measures.es ? json(phase_name(measures, measures.es)) : json()},
          {"phases_chosen_by", measures.phases_chosen_by},
          {"body", body},
          {"heart_rate",
           {{"per_min", number_or_null(measures.heart_rate_per_min)},
            {"from", measures.heart_rate_from}}},
          {"myocardium_g_per_ml", kMyocardiumGramsPerMl},
          {"discs", keys_json(measures.discs)},
          {"dense", measures.dense ? keys_json(*measures.dense) : json()},
          {"segments",
           {{"discs", segments_json(measures.disc_wall)},
            {"dense", measures.dense_wall ? segments_json(*measures.dense_wall) : json()}}},
          {"phases", phases_json(measures)},
          {"notes", measures.notes}};
}

std::string csv_header() {
  std::string line =
      "case,ed_phase,es_phase,phases_chosen_by,height_cm,weight_kg,bsa_m2,heart_rate_per_min";
  for (const char* way : {"discs", "dense"}) {
    for (const MeasureKey& key : measure_keys()) line += fmt::format(",{}_{}", way, key.key);
  }
  return line + ",notes";
}

std::string csv_row(const HeartMeasures& measures) {
  std::string line = fmt::format(
      "{},{},{},{},{},{},{},{}", quoted(measures.name), quoted(phase_name(measures, measures.ed)),
      quoted(phase_name(measures, measures.es)), measures.phases_chosen_by,
      cell(known(measures.body.height_cm)), cell(known(measures.body.weight_kg)),
      cell(measures.bsa_m2), cell(measures.heart_rate_per_min));
  for (const Measures& values : {measures.discs, measures.dense.value_or(Measures())}) {
    for (const MeasureKey& key : measure_keys()) line += "," + cell(values.*key.value);
  }
  return line + "," + quoted(joined(measures.notes, "; "));
}

std::string segments_csv_header() {
  return "case,planes,segment,level,wall,ed_mm,es_mm,thickening_percent";
}

std::vector<std::string> segments_csv_rows(const HeartMeasures& measures) {
  std::vector<std::string> rows;
  const auto add = [&](const char* planes, const WallMeasures& wall) {
    for (size_t s = 0; s < kAhaSegments; ++s) {
      const AhaSegment& segment = aha_segments()[s];
      rows.push_back(fmt::format("{},{},{},{},{},{},{},{}", quoted(measures.name), planes, s + 1,
                                 segment.level, segment.wall, cell(wall.ed_mm[s]),
                                 cell(wall.es_mm[s]), cell(wall.thickening_percent[s])));
    }
  };
  add("discs", measures.disc_wall);
  if (measures.dense_wall) add("dense", *measures.dense_wall);
  return rows;
}

std::string curve_csv_header() {
  std::string line = "case,phase,time_ms";
  for (const char* way : {"discs", "dense"})
    line += fmt::format(",{0}_lv_ml,{0}_rv_ml,{0}_lvm_g", way);
  return line;
}

std::vector<std::string> curve_csv_rows(const HeartMeasures& measures) {
  std::vector<std::string> rows;
  for (size_t t = 0; t < measures.phase_names.size(); ++t) {
    std::string row =
        fmt::format("{},{},{}", quoted(measures.name), quoted(measures.phase_names[t]),
                    cell(measures.times_ms.empty() ? Value() : Value(measures.times_ms[t])));
    for (const auto* volumes : {&measures.disc_volumes, &measures.dense_volumes}) {
      for (const auto& [label, factor] :
           {std::pair{kLvc, 1.0}, std::pair{kRvc, 1.0}, std::pair{kLvm, kMyocardiumGramsPerMl}}) {
        const bool is_there = !volumes->empty() && (*volumes)[t].at(label).voxels > 0;
        row += "," + cell(is_there ? Value(factor * (*volumes)[t].at(label).ml) : Value());
      }
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::string> measures_table(const HeartMeasures& measures) {
  std::vector<std::string> lines = {measures.name};
  if (measures.ed || measures.es) {
    const auto name = [&](const std::optional<size_t>& phase) {
      return phase ? phase_name(measures, phase) : "-";
    };
    lines[0] += fmt::format(" (ED: {}, ES: {}, by {})", name(measures.ed), name(measures.es),
                            measures.phases_chosen_by);
    lines.push_back(fmt::format("{:<16}{:<10}{:>10}", "", "", "discs") +
                    (measures.dense ? fmt::format("{:>10}", "dense") : ""));
    for (const MeasureKey& key : measure_keys()) {
      if (!is_known(measures, key)) continue;
      lines.push_back(fmt::format("{:<16}{:<10}", key.heading, key.unit) +
                      column(measures.discs.*key.value) +
                      (measures.dense ? column((*measures.dense).*key.value) : ""));
    }
  } else {
    for (size_t t = 0; t < measures.phase_names.size(); ++t)
      lines.push_back(phase_line(measures, t));
  }
  for (std::string& line : wall_lines(measures)) lines.push_back(std::move(line));
  if (measures.bsa_m2) {
    const BsaFormula& formula = bsa_formula(measures.body.bsa_formula);
    lines.push_back(
        fmt::format("BSA: {:.2f} m2, {} ({})", *measures.bsa_m2, formula.name, formula.source));
  }
  if (measures.heart_rate_per_min)
    lines.push_back(fmt::format("heart rate: {:.0f}/min ({})", *measures.heart_rate_per_min,
                                measures.heart_rate_from));
  for (const std::string& note : measures.notes) lines.push_back("note: " + note);
  return lines;
}

std::string short_table_header() {
  return fmt::format("{:<20}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}", "case", "LV EDV", "LV ESV",
                     "LV EF", "LV mass", "RV EDV", "RV ESV", "RV EF");
}

std::string short_table_row(const HeartMeasures& measures) {
  const Measures& m = measures.discs;
  std::string line = fmt::format("{:<20}", measures.name);
  for (const Value& value : {m.lv_edv_ml, m.lv_esv_ml, m.lv_ef_percent, m.lv_mass_g, m.rv_edv_ml,
                             m.rv_esv_ml, m.rv_ef_percent}) {
    line += column(value, 9);
  }
  return line;
}

}  // namespace dmcvr
