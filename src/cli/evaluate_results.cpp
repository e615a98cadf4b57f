// SPDX-License-Identifier: Apache-2.0
#include "cli/evaluate_results.h"

#include "dmcvr/core/error.h"
#include "dmcvr/evaluation/clinical.h"
#include "dmcvr/evaluation/costs.h"
#include "dmcvr/evaluation/differences.h"
#include "dmcvr/evaluation/paper_differences.h"
#include "dmcvr/evaluation/paper_table.h"
#include "dmcvr/evaluation/protocols.h"
#include "dmcvr/evaluation/shards.h"
#include "dmcvr/evaluation/summary.h"
#include "dmcvr/evaluation/view_tables.h"
#include "dmcvr/report/output_folder.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <vector>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

std::string counted(size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// "held-out-slices, 20 volumes of 10 cases of subset validation, truth: experts". What views show
// are pictures.
std::string heading(const nlohmann::json& record, const Results& results) {
  const nlohmann::json& options = record.at("options");
  const std::string subset = record.at("subset");
  std::map<std::string, size_t> truths;
  const size_t methods = std::max<size_t>(1, methods_of(results.cases).size());
  size_t volumes = 0, pictures = 0;
  for (const CaseResult& result : results.cases) {
    ++truths[nlohmann::json(result.truth).get<std::string>()];
    volumes += result.volumes.size() / methods;
    pictures += static_cast<size_t>(std::count_if(
        result.views.begin(), result.views.end(),
        [&result](const ViewScore& score) { return score.method == result.views.front().method; }));
  }
  std::string text = fmt::format(
      "{}, {} of {}{}, truth:", options.at("protocol").get<std::string>(),
      pictures > 0 ? counted(pictures, "picture") : counted(volumes, "volume"),
      counted(results.cases.size(), "case"), subset.empty() ? "" : " of subset " + subset);
  for (const auto& [truth, count] : truths)
    text +=
        truths.size() > 1 ? fmt::format(" {} ({})", truth, counted(count, "case")) : " " + truth;
  return text;
}

}  // namespace

void print_results(const nlohmann::json& record, const Results& results,
                   const std::string& folder) {
  if (results.cases.empty()) return;
  std::vector<VolumeScore> volumes;
  std::vector<MethodCost> costs;
  for (const CaseResult& result : results.cases) {
    volumes.insert(volumes.end(), result.volumes.begin(), result.volumes.end());
    costs.insert(costs.end(), result.costs.begin(), result.costs.end());
  }
  const auto& baseline = results.baseline;
  const auto views = summarize(view_scores_of(results.cases));
  const auto methods = summarize(volumes);
  const auto compared = differences(results.cases, baseline);
  const bool as_published =
      record.at("options").at("protocol") == nlohmann::json(Protocol::regenerate);
  using Lines = std::vector<std::string>;
  std::cout << heading(record, results) << '\n';
  for (const Lines& block :
       {views.empty() ? table_lines(methods) : view_lines(views), one_sided_lines(methods),
        as_published ? paper_lines(methods) : Lines(), difference_lines(compared, baseline),
        as_published ? paper_difference_lines(compared, baseline) : Lines(),
        view_phase_lines(summarize_by_phase(view_scores_of(results.cases))),
        view_difference_lines(view_differences(results.cases, baseline), baseline),
        clinical_lines(clinical_errors(results.cases)),
        clinical_difference_lines(clinical_differences(results.cases, baseline), baseline),
        cost_lines(total_costs(costs))}) {
    for (const std::string& line : block) std::cout << line << '\n';
  }
  std::cout << folder << std::endl;
}

void merge_evaluations(const std::vector<std::string>& inputs, const std::string& output,
                       bool replace) {
  const std::vector<fs::path> folders(inputs.begin(), inputs.end());
  if (folders.empty()) throw Error("evaluate merge: names no folders of shards");
  check_output_folder(output, replace, "run.json", folders);
  const JoinedRuns joined = read_runs(folders);
  if (joined.results.cases.empty()) throw Error("{}: no case was scored", inputs.front());
  const RunFolder target = open_run_folder(output, joined.record, replace);
  write_joined(target, joined);
  print_results(joined.record, joined.results, output);
  const auto& failed = joined.results.failed;
  if (failed.empty()) return;
  throw Error("{} of {} cases failed in the shards and are left out; the first, {}: {}",
              failed.size(), joined.results.cases.size() + failed.size(), failed.front().name,
              failed.front().error);
}

}  // namespace dmcvr::cli
