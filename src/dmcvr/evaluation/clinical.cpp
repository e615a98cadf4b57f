// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/clinical.h"

#include "dmcvr/measures/heart.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

using nlohmann::json;

struct ClinicalColumn {
  const char* key;
  const char* title;
};
constexpr ClinicalColumn kClinicalColumns[] = {
    {"lv_edv_ml", "LV EDV/ml"},  {"lv_esv_ml", "LV ESV/ml"}, {"lv_ef_percent", "LV EF/%"},
    {"lv_mass_g", "LV mass/g"},  {"rv_edv_ml", "RV EDV/ml"}, {"rv_esv_ml", "RV ESV/ml"},
    {"rv_ef_percent", "RV EF/%"}};

const VolumeScore* phase_of(const CaseResult& result, const std::string& method,
                            const std::string& phase) {
  for (const VolumeScore& score : result.volumes) {
    if (score.method == method && score.phase == phase && !score.structures.empty()) return &score;
  }
  return nullptr;
}

double ejection_fraction(double edv_ml, double esv_ml) {
  return edv_ml > 0 ? 100 * (edv_ml - esv_ml) / edv_ml : 0;
}

std::map<std::string, double> clinical_values(const VolumeScore& ed, const VolumeScore& es,
                                              double StructureScore::*volume) {
  const auto of = [volume](const VolumeScore& score, const char* name) {
    return score.structures.at(name).*volume;
  };
  const double lv_ed = of(ed, "LVC"), lv_es = of(es, "LVC");
  const double rv_ed = of(ed, "RVC"), rv_es = of(es, "RVC");
  return {{"lv_edv_ml", lv_ed},
          {"lv_esv_ml", lv_es},
          {"lv_ef_percent", ejection_fraction(lv_ed, lv_es)},
          {"lv_mass_g", kMyocardiumGramsPerMl * of(ed, "LVM")},
          {"rv_edv_ml", rv_ed},
          {"rv_esv_ml", rv_es},
          {"rv_ef_percent", ejection_fraction(rv_ed, rv_es)}};
}

// A truth without a cavity at ES knows no ejection fraction.
bool is_known(const std::map<std::string, double>& truth, const std::string& key) {
  if (key == "lv_ef_percent") return truth.at("lv_esv_ml") > 0;
  if (key == "rv_ef_percent") return truth.at("rv_esv_ml") > 0;
  return truth.at(key) > 0;
}

// By measure; empty where a phase or the labels are missing.
std::map<std::string, double> errors_of(const CaseResult& result, const std::string& method) {
  std::map<std::string, double> errors;
  const VolumeScore *ed = phase_of(result, method, "ed"), *es = phase_of(result, method, "es");
  if (ed == nullptr || es == nullptr) return errors;
  const auto said = clinical_values(*ed, *es, &StructureScore::volume_ml);
  const auto known = clinical_values(*ed, *es, &StructureScore::true_volume_ml);
  for (const auto& [key, value] : said)
    errors[key] = is_known(known, key) ? value - known.at(key) : kNoScore;
  return errors;
}

json to_json(const std::map<std::string, Summary>& summaries) {
  const auto number = [](double value) { return std::isfinite(value) ? json(value) : json(); };
  json content = json::object();
  for (const auto& [key, summary] : summaries) {
    content[key] = {{"cases", summary.count},
                    {"absent", summary.absent},
                    {"mean", number(summary.mean)},
                    {"deviation", number(summary.deviation)}};
  }
  return content;
}

std::string clinical_cell(const Summary& summary) {
  if (summary.count == 0) return fmt::format("{:>13}", "-");
  // The sign ± is one column wide and two bytes long.
  const bool has_deviation = summary.count > 1;
  return fmt::format("{:>+7.1f}{:<{}}", summary.mean,
                     has_deviation ? fmt::format("±{:.1f}", summary.deviation) : "",
                     has_deviation ? 7 : 6);
}

}  // namespace

std::vector<ClinicalErrors> clinical_errors(const std::vector<CaseResult>& cases) {
  std::vector<ClinicalErrors> all;
  for (const std::string& method : methods_of(cases)) {
    std::map<std::string, std::vector<double>> errors, absolute;
    for (const CaseResult& result : cases) {
      for (const auto& [key, error] : errors_of(result, method)) {
        errors[key].push_back(error);
        absolute[key].push_back(std::abs(error));
      }
    }
    if (errors.empty()) continue;
    ClinicalErrors found;
    found.method = method;
    for (const auto& [key, values] : errors) found.errors[key] = summarize(values);
    for (const auto& [key, values] : absolute) found.absolute[key] = summarize(values);
    all.push_back(std::move(found));
  }
  return all;
}

std::vector<ClinicalDifference> clinical_differences(const std::vector<CaseResult>& cases,
                                                     const std::string& baseline) {
  std::vector<ClinicalDifference> all;
  for (const std::string& method : methods_of(cases)) {
    if (method == baseline) continue;
    std::map<std::string, std::vector<std::vector<double>>> errors, absolute;  // a group per case
    for (const CaseResult& result : cases) {
      const auto own = errors_of(result, method), others = errors_of(result, baseline);
      if (own.empty() || others.empty()) continue;
      for (const auto& [key, error] : own) {
        errors[key].push_back({error - others.at(key)});
        absolute[key].push_back({std::abs(error) - std::abs(others.at(key))});
      }
    }
    if (errors.empty()) continue;
    ClinicalDifference difference;
    difference.method = method;
    for (const auto& [key, groups] : errors) difference.errors[key] = bootstrap_mean(groups);
    for (const auto& [key, groups] : absolute) difference.absolute[key] = bootstrap_mean(groups);
    all.push_back(std::move(difference));
  }
  return all;
}

json to_json(const std::vector<ClinicalErrors>& methods) {
  json result = json::array();
  for (const ClinicalErrors& method : methods) {
    result.push_back({{"method", method.method},
                      {"error", to_json(method.errors)},
                      {"absolute_error", to_json(method.absolute)}});
  }
  return result;
}

std::vector<std::string> clinical_lines(const std::vector<ClinicalErrors>& methods) {
  std::vector<std::string> lines;
  if (methods.empty()) return lines;
  std::string heading = fmt::format("{:<20}", "error of");
  for (const auto& column : kClinicalColumns) heading += fmt::format("{:>9}    ", column.title);
  lines.push_back(heading + "  |LV EF|/%");
  for (const ClinicalErrors& method : methods) {
    std::string line = fmt::format("{:<20}", method.method);
    for (const auto& column : kClinicalColumns) line += clinical_cell(method.errors.at(column.key));
    const Summary& ef = method.absolute.at("lv_ef_percent");
    lines.push_back(
        line + (ef.count == 0 ? fmt::format("{:>11}", "-") : fmt::format("{:>11.1f}", ef.mean)));
  }
  return lines;
}

json to_json(const std::vector<ClinicalDifference>& differences) {
  const auto by_key = [](const std::map<std::string, Interval>& intervals) {
    json content = json::object();
    for (const auto& [key, interval] : intervals) {
      content[key] = interval_json(interval, "cases");
    }
    return content;
  };
  json result = json::array();
  for (const ClinicalDifference& difference : differences) {
    result.push_back({{"method", difference.method},
                      {"error", by_key(difference.errors)},
                      {"absolute_error", by_key(difference.absolute)}});
  }
  return result;
}

std::vector<std::string> clinical_difference_lines(
    const std::vector<ClinicalDifference>& differences, const std::string& baseline) {
  std::vector<std::string> lines;
  if (differences.empty()) return lines;
  lines.push_back(fmt::format("{:<28}", "|error| minus " + baseline));
  for (const ClinicalDifference& difference : differences)
    lines.back() += fmt::format("{:>{}}", difference.method, kIntervalWidth);
  for (const auto& column : kClinicalColumns) {
    lines.push_back(fmt::format("{:<28}", column.title));
    for (const ClinicalDifference& difference : differences)
      lines.back() += interval_cell(difference.absolute.at(column.key), 1);
  }
  return lines;
}

std::vector<std::string> clinical_difference_markdown(
    const std::vector<ClinicalDifference>& differences, const std::string& baseline) {
  std::vector<std::string> lines;
  if (differences.empty()) return lines;
  lines = {fmt::format("**Absolute errors, minus {}, with 95 % intervals**", baseline), ""};
  std::string titles = "| error of |", rule = "|---|";
  for (const ClinicalDifference& difference : differences) {
    titles += fmt::format(" {} |", difference.method);
    rule += "---|";
  }
  lines.insert(lines.end(), {titles, rule});
  for (const auto& column : kClinicalColumns) {
    std::string line = fmt::format("| {} |", column.title);
    for (const ClinicalDifference& difference : differences)
      line += fmt::format(" {} |", interval_text(difference.absolute.at(column.key), 1));
    lines.push_back(line);
  }
  return lines;
}

}  // namespace dmcvr
