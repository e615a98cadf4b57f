// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_result.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/study/layouts.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kCaseFormat = 4;

// Enough digits to compare runs, few enough to read.
std::string csv_number(const json& value) {
  return value.is_null() ? "" : fmt::format("{:.6g}", value.get<double>());
}

bool is_unchanged(const fs::path& file, const std::string& sha256) {
  std::error_code failure;
  return fs::is_regular_file(file, failure) && sha256_of_file(file) == sha256;
}

bool has_same_inputs(const CaseResult& result, const fs::path& source, const InputOptions& input) {
  const auto& answers = result.answers;
  return has_inputs(source, result.inputs, {}, input) &&
         std::all_of(answers.begin(), answers.end(), [](const InputFile& answer) {
           return is_unchanged(answer.name, answer.sha256);
         });
}

json to_list(const std::vector<InputFile>& files) {
  json list = json::array();
  for (const InputFile& file : files)
    list.push_back({{"name", file.name}, {"sha256", file.sha256}});
  return list;
}

std::vector<InputFile> files_in(const json& list) {
  std::vector<InputFile> files;
  for (const auto& file : list) files.push_back({file.at("name"), file.at("sha256")});
  return files;
}

}  // namespace

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

std::vector<std::string> methods_of(const std::vector<CaseResult>& cases) {
  std::vector<std::string> methods;
  for (const CaseResult& result : cases) {
    for (const VolumeScore& score : result.volumes) {
      if (std::find(methods.begin(), methods.end(), score.method) == methods.end())
        methods.push_back(score.method);
    }
  }
  return methods;
}

void write_case(const fs::path& path, const CaseResult& result) {
  const json content = {{"format", kCaseFormat},
                        {"case", result.name},
                        {"run", result.run_sha256},
                        {"inputs", to_list(result.inputs)},
                        {"answers", to_list(result.answers)},
                        {"truth", result.truth},
                        {"seconds", result.seconds},
                        {"volumes", result.volumes},
                        {"views", result.views},
                        {"costs", result.costs}};
  const std::string text = content.dump(2, ' ', false, json::error_handler_t::replace);
  write_file(path, [&](std::ostream& stream) { stream << text << '\n'; });
}

std::optional<CaseResult> read_case(const fs::path& path, const std::string& run_sha256) {
  if (!fs::exists(path)) return std::nullopt;
  CaseResult result;
  try {
    const json content = read_json(path);
    if (content.at("format") != kCaseFormat) return std::nullopt;
    content.at("case").get_to(result.name);
    content.at("run").get_to(result.run_sha256);
    content.at("truth").get_to(result.truth);
    content.at("seconds").get_to(result.seconds);
    content.at("volumes").get_to(result.volumes);
    content.at("views").get_to(result.views);
    content.at("costs").get_to(result.costs);
    result.inputs = files_in(content.at("inputs"));
    result.answers = files_in(content.at("answers"));
    if (result.run_sha256 == run_sha256) return result;
  } catch (const json::exception&) {  // damaged: it is made anew
  } catch (const Error&) {
  }
  return std::nullopt;
}

std::optional<CaseResult> read_case(const fs::path& path, const fs::path& source,
                                    const std::string& run_sha256, const InputOptions& input) {
  auto result = read_case(path, run_sha256);
  if (result && !has_same_inputs(*result, source, input)) result.reset();
  return result;
}

std::vector<std::string> cost_csv_lines(const std::vector<CaseResult>& cases) {
  std::vector<std::string> lines = {"case,method,planes,seconds,evaluations,optimization_steps"};
  for (const CaseResult& result : cases) {
    for (const MethodCost& cost : result.costs) {
      lines.push_back(fmt::format("{},{},{},{:.6g},{},{}", csv_text(result.name), cost.method,
                                  cost.planes, cost.seconds, cost.evaluations,
                                  cost.optimization_steps));
    }
  }
  return lines;
}

std::vector<std::string> csv_lines(const std::vector<CaseResult>& cases) {
  std::string heading = "case,phase,method,truth,planes,shift_mm";
  for (const PictureMeasure& measure : picture_measures())
    heading += fmt::format(",{}", measure.name);
  for (const std::string& name : scored_structures()) {
    for (const StructureMeasure& measure : structure_measures())
      heading += fmt::format(",{}_{}", name, measure.name);
  }
  std::vector<std::string> lines = {heading};
  for (const CaseResult& result : cases) {
    for (const VolumeScore& volume : result.volumes) {
      const json content = volume;
      const json shift =
          volume.shifts_mm.empty()
              ? json()
              : json(percentile(torch::tensor(volume.shifts_mm, torch::kFloat64), 50));
      std::string line = fmt::format(
          "{},{},{},{},{},{}", csv_text(result.name), csv_text(volume.phase), volume.method,
          json(result.truth).get<std::string>(), volume.planes, csv_number(shift));
      for (const PictureMeasure& measure : picture_measures())
        line += "," + csv_number(content[measure.name]);
      const json& structures = content["structures"];
      for (const std::string& name : scored_structures()) {
        for (const StructureMeasure& measure : structure_measures())
          line += "," + (structures.contains(name) ? csv_number(structures[name][measure.name])
                                                   : std::string());
      }
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace dmcvr
