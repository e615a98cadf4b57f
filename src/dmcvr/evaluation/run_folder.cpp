// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/run_folder.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/evaluation/clinical.h"
#include "dmcvr/evaluation/differences.h"
#include "dmcvr/evaluation/paper_differences.h"
#include "dmcvr/evaluation/paper_table.h"
#include "dmcvr/evaluation/per_case.h"
#include "dmcvr/evaluation/summary.h"
#include "dmcvr/evaluation/tables.h"
#include "dmcvr/evaluation/view_summary.h"
#include "dmcvr/evaluation/view_tables.h"

#include <map>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const char* const kKind = "evaluation";

void write_json_file(const fs::path& path, const json& content) {
  const std::string text = content.dump(2, ' ', false, json::error_handler_t::replace);
  write_file(path, [&](std::ostream& stream) { stream << text << '\n'; });
}

// The summary with a line per score at its end, which would take one per number otherwise.
void write_summary(const fs::path& path, const json& summary,
                   const std::vector<CaseResult>& cases) {
  std::string text = summary.dump(2, ' ', false, json::error_handler_t::replace);
  text.erase(text.rfind("\n}"));
  write_file(path, [&](std::ostream& stream) {
    stream << text << ",\n  \"per_case\": ";
    for (const std::string& line : per_case_lines(cases)) stream << line << '\n';
    stream << "}\n";
  });
}

void append(std::vector<std::string>& lines, const std::vector<std::string>& more,
            const std::string& before_each = "") {
  if (!lines.empty() && !more.empty()) lines.emplace_back();
  for (const std::string& line : more) lines.push_back(before_each + line);
}

void write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  write_file(path, [&](std::ostream& stream) {
    for (const std::string& line : lines) stream << line << '\n';
  });
}

// "reconstruct.solver.nodes is 20 there and 10 now", of the first difference below `path`.
std::string difference(const json& there, const json& now, const std::string& path = "") {
  if (!there.is_object() || !now.is_object())
    return fmt::format("{} is {} there and {} now", path, there.dump(), now.dump());
  json keys = there;
  keys.update(now);
  for (const auto& [key, value] : keys.items()) {
    const json a = there.value(key, json()), b = now.value(key, json());
    if (a != b) return difference(a, b, path.empty() ? key : path + "." + key);
  }
  return "";
}

json on_disk(json record) {
  record["kind"] = kKind;
  return record;
}

}  // namespace

fs::path RunFolder::case_file(const std::string& name) const {
  return path / "cases" / (name + ".json");
}

fs::path RunFolder::figure_file(const std::string& name) const {
  return path / "figures" / (name + ".png");
}

fs::path RunFolder::surfaces_file(const std::string& name) const {
  return path / "figures" / (name + "_surfaces.png");
}

json run_record(const fs::path& path) {
  json record = read_json(path / "run.json");
  if (!record.is_object() || record.value("kind", json()) != kKind)
    throw Error("{}: was not made by dmcvr evaluate; choose another folder", path.string());
  record.erase("kind");
  return record;
}

std::string sha256_of_record(const json& record) {
  return sha256_of(on_disk(record).dump());
}

std::string first_difference(const json& there, const json& now) {
  return there == now ? "" : difference(there, now);
}

RunFolder open_run_folder(const fs::path& path, const json& record, bool replace) {
  const json content = on_disk(record);
  const fs::path mark = path / "run.json";
  std::error_code failure;
  if (fs::exists(path, failure) && !fs::is_directory(path))
    throw Error("{}: is not a folder; choose another name", path.string());
  if (fs::exists(mark)) {
    const json there = on_disk(run_record(path));
    if (replace) {
      for (const auto* name :
           {"cases", "figures", "cases.csv", "views.csv", "costs.csv", "summary.json", "table.md",
            "table.tex", "paper_table.md", "paper_table.tex", "run.json"})
        fs::remove_all(path / name);
    } else if (there != content) {
      throw Error(
          "{}: holds an evaluation with other options ({}); use --force to begin anew, or choose "
          "another folder",
          path.string(), difference(there, content));
    }
  } else if (fs::exists(path, failure) && !fs::is_empty(path)) {
    throw Error("{}: holds no evaluation, and is not empty; choose another folder", path.string());
  }

  fs::create_directories(path / "cases", failure);
  if (!failure) fs::create_directories(path / "figures", failure);
  if (failure) throw Error("{}: cannot be made: {}", path.string(), failure.message());
  if (!fs::exists(mark)) write_json_file(mark, content);
  return {path, sha256_of_record(record)};
}

void write_results(const RunFolder& folder, const json& record, const Results& results) {
  std::vector<VolumeScore> volumes;
  std::vector<MethodCost> costs;
  std::map<std::string, int64_t> truths;
  for (const CaseResult& result : results.cases) {
    volumes.insert(volumes.end(), result.volumes.begin(), result.volumes.end());
    costs.insert(costs.end(), result.costs.begin(), result.costs.end());
    ++truths[json(result.truth).get<std::string>()];
  }
  json failures = json::array();
  for (const FailedCase& failure : results.failed)
    failures.push_back({{"case", failure.name}, {"error", failure.error}});
  const auto methods = summarize(volumes);
  const auto compared = differences(results.cases, results.baseline);
  const auto clinical = clinical_differences(results.cases, results.baseline);
  json summary = {{"run", record},
                  {"cases", results.cases.size()},
                  {"truth", truths},
                  {"failed", failures},
                  {"methods", to_json(methods)},
                  {"differences",
                   {{"baseline", results.baseline},
                    {"methods", to_json(compared)},
                    {"clinical", to_json(clinical)}}},
                  {"clinical", to_json(clinical_errors(results.cases))},
                  {"per_plane", costs_per_plane(total_costs(costs))}};
  const auto views = summarize(view_scores_of(results.cases));
  if (!views.empty()) {
    summary["views"] = to_json(views);
    summary["views_by_phase"] = to_json(summarize_by_phase(view_scores_of(results.cases)));
    summary["differences"]["views"] = to_json(view_differences(results.cases, results.baseline));
  }
  write_summary(folder.path / "summary.json", summary, results.cases);

  if (views.empty()) {
    write_lines(folder.path / "cases.csv", csv_lines(results.cases));
  } else {
    write_lines(folder.path / "views.csv", view_csv_lines(results.cases));
  }
  write_lines(folder.path / "costs.csv", cost_csv_lines(results.cases));
  const ScoreTable table = views.empty() ? volume_table(methods) : view_table(views);
  const auto one_sided = one_sided_lines(methods);
  auto page = markdown_table(table), paper = latex_table(table);
  append(page, one_sided, "- ");
  append(paper, one_sided, "% ");
  write_lines(folder.path / "table.md", page);
  write_lines(folder.path / "table.tex", paper);
  page = paper_markdown(methods);
  if (page.empty()) return;
  append(page, one_sided, "- ");
  append(page, paper_difference_markdown(compared, results.baseline));
  append(page, clinical_difference_markdown(clinical, results.baseline));
  paper = paper_latex(methods);
  append(paper, one_sided, "% ");
  write_lines(folder.path / "paper_table.md", page);
  write_lines(folder.path / "paper_table.tex", paper);
}

}  // namespace dmcvr
