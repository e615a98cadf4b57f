// SPDX-License-Identifier: Apache-2.0
#include "cli/evaluate_results.h"

#include "cli/shared_options.h"

#include "dmcvr/evaluation/clinical.h"
#include "dmcvr/evaluation/costs.h"
#include "dmcvr/evaluation/differences.h"
#include "dmcvr/evaluation/shards.h"
#include "dmcvr/evaluation/summary.h"
#include "dmcvr/report/output_folder.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <vector>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

struct MergeCommand {
  std::vector<std::string> inputs;
  std::string output;
  bool force = false;
  SharedOptions shared;
};

std::string counted(size_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// "held-out-slices, 20 volumes of 10 cases of subset validation, truth: experts".
std::string heading(const nlohmann::json& record, const Results& results) {
  const nlohmann::json& options = record.at("options");
  const std::string subset = record.at("subset");
  std::map<std::string, size_t> truths;
  size_t volumes = 0;
  for (const CaseResult& result : results.cases) {
    ++truths[nlohmann::json(result.truth).get<std::string>()];
    volumes += result.volumes.size() / options.at("methods").size();
  }
  std::string text =
      fmt::format("{}, {} of {}{}, truth:", options.at("protocol").get<std::string>(),
                  counted(volumes, "volume"), counted(results.cases.size(), "case"),
                  subset.empty() ? "" : " of subset " + subset);
  for (const auto& [truth, count] : truths)
    text +=
        truths.size() > 1 ? fmt::format(" {} ({})", truth, counted(count, "case")) : " " + truth;
  return text;
}

void run_merge(const MergeCommand& command) {
  apply(command.shared);
  const std::vector<fs::path> folders(command.inputs.begin(), command.inputs.end());
  check_output_folder(command.output, command.force, "run.json", folders);
  const JoinedRuns joined = read_runs(folders);
  if (joined.results.cases.empty()) throw Error("{}: no case was scored", command.inputs.front());
  const RunFolder target = open_run_folder(command.output, joined.record, command.force);
  write_joined(target, folders, joined);
  print_results(joined.record, joined.results, command.output);
  const auto& failed = joined.results.failed;
  if (failed.empty()) return;
  throw Error("{} of {} cases failed in the shards and are left out; the first, {}: {}",
              failed.size(), joined.results.cases.size() + failed.size(), failed.front().name,
              failed.front().error);
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
  std::cout << heading(record, results) << '\n';
  for (const auto& block :
       {table_lines(summarize(volumes)),
        difference_lines(differences(results.cases, baseline), baseline),
        clinical_lines(clinical_errors(results.cases)), cost_lines(total_costs(costs))}) {
    for (const std::string& line : block) std::cout << line << '\n';
  }
  std::cout << folder << std::endl;
}

void add_evaluate_merge(CLI::App& evaluate) {
  auto command = std::make_shared<MergeCommand>();
  auto* verb = evaluate.add_subcommand("merge", "Shards of one evaluation become the whole.");
  verb->add_option("folders", command->inputs,
                   "Output folders of dmcvr evaluate with the same options and other cases")
      ->required();
  verb->add_option("-o,--output", command->output, "Folder of the joined scores")
      ->required()
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Replace an earlier evaluation");
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr evaluate merge scores1 scores2 -o all\n"
      "The folder holds what one run over all cases would have left; summary.json is the same byte "
      "for byte\n"
      "on the same kind of machine.");
  verb->callback([command] { run_merge(*command); });
}

}  // namespace dmcvr::cli
