// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/shards.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/study/layouts.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <set>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kMostShards = 100000;

bool read_whole(const std::string& text, int64_t& number) {
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

int64_t slurm_number(const char* name) {
  const char* value = std::getenv(name);
  int64_t number = 0;
  if (value == nullptr || !read_whole(value, number))
    throw Error("--shard slurm: {} is {}; it is for tasks of a job array (sbatch --array)", name,
                value == nullptr ? "not set" : value);
  return number;
}

json finished_record(const fs::path& folder) {
  for (const char* name : {"run.json", "summary.json"}) {
    if (!fs::exists(folder / name)) {
      throw Error("{}: holds no {}; expected the folder of an evaluation that has ended",
                  folder.string(), name);
    }
  }
  return run_record(folder);
}

struct FinishedRun {
  std::string baseline;
  std::vector<std::string> cases;  // the folder may hold others, of earlier input
  std::map<std::string, std::string> failed;
};

FinishedRun finished_run(const fs::path& folder) {
  const json summary = read_json(folder / "summary.json");
  FinishedRun run;
  try {
    summary.at("differences").at("baseline").get_to(run.baseline);
    for (const json& record : summary.at("per_case")) run.cases.push_back(record.at("case"));
    for (const json& failure : summary.at("failed"))
      run.failed[failure.at("case")] = failure.at("error").get<std::string>();
  } catch (const json::exception&) {
    throw Error("{}: is no summary.json of this dmcvr evaluate",
                (folder / "summary.json").string());
  }
  return run;
}

}  // namespace

Shard shard_from(const std::string& text) {
  Shard shard;
  if (text == "slurm") {
    const int64_t first = slurm_number("SLURM_ARRAY_TASK_MIN");
    shard.count = slurm_number("SLURM_ARRAY_TASK_COUNT");
    shard.number = slurm_number("SLURM_ARRAY_TASK_ID") - first + 1;
    if (slurm_number("SLURM_ARRAY_TASK_MAX") - first + 1 != shard.count)
      throw Error("--shard slurm: the tasks of the array have to rise by one, as in 1-8");
  } else {
    const size_t slash = text.find('/');
    if (slash == std::string::npos || !read_whole(text.substr(0, slash), shard.number) ||
        !read_whole(text.substr(slash + 1), shard.count))
      throw Error("--shard {}: expected K/N, such as 2/8, or slurm", text);
  }
  if (shard.count < 1 || shard.count > kMostShards || shard.number < 1 ||
      shard.number > shard.count)
    throw Error("--shard {}: part {} of {} does not exist", text, shard.number, shard.count);
  return shard;
}

std::vector<fs::path> cases_of_shard(std::vector<fs::path> cases, const Shard& shard) {
  // Without reading those that are named by what they hold.
  const auto key = [](const fs::path& path) {
    return std::pair(is_named_by_content(path) ? "" : case_name(path), path);
  };
  std::sort(cases.begin(), cases.end(),
            [&](const fs::path& a, const fs::path& b) { return key(a) < key(b); });
  std::vector<fs::path> chosen;
  for (size_t n = static_cast<size_t>(shard.number - 1); n < cases.size();
       n += static_cast<size_t>(shard.count))
    chosen.push_back(cases[n]);
  return chosen;
}

JoinedRuns read_runs(const std::vector<fs::path>& folders) {
  JoinedRuns joined;
  std::map<std::string, CaseResult> cases;
  std::map<std::string, std::string> failed;
  for (const fs::path& folder : folders) {
    const json record = finished_record(folder);
    if (folder == folders.front()) joined.record = record;
    if (const auto other = first_difference(joined.record, record); !other.empty()) {
      throw Error("{}: holds an evaluation with other options than {} ({})", folder.string(),
                  folders.front().string(), other);
    }
    const FinishedRun run = finished_run(folder);
    auto& baseline = joined.results.baseline;
    if (folder == folders.front()) baseline = run.baseline;
    if (run.baseline != baseline) {
      throw Error(
          "{}: has differences from {}, {} from {}; run one of them again with --baseline {}",
          folder.string(), run.baseline, folders.front().string(), baseline, baseline);
    }
    failed.insert(run.failed.begin(), run.failed.end());
    const std::string run_sha256 = sha256_of_record(record);
    std::set<std::string> expected(run.cases.begin(), run.cases.end());
    for (const auto& entry : fs::directory_iterator(folder / "cases")) {
      auto result = read_case(entry.path(), run_sha256);
      // Otherwise of an earlier run, with other options or other cases.
      if (!result || expected.erase(result->name) == 0) continue;
      const auto [place, is_new] = joined.folders.emplace(result->name, folder);
      if (!is_new)
        throw Error("{} and {} both hold case {}", place->second.string(), folder.string(),
                    result->name);
      cases[result->name] = std::move(*result);
    }
    if (!expected.empty()) {
      throw Error("{}: the scores of {} are gone or damaged; run the shard again", folder.string(),
                  *expected.begin());
    }
  }
  for (auto& [name, result] : cases) {
    failed.erase(name);
    joined.results.cases.push_back(std::move(result));
  }
  for (const auto& [name, error] : failed) joined.results.failed.push_back({name, error});
  return joined;
}

void write_joined(const RunFolder& target, const JoinedRuns& joined) {
  for (const auto& [name, folder] : joined.folders) {
    const RunFolder source{folder, target.run_sha256};
    for (const auto file :
         {&RunFolder::case_file, &RunFolder::figure_file, &RunFolder::surfaces_file}) {
      const fs::path from = (source.*file)(name);
      if (fs::exists(from))
        fs::copy_file(from, (target.*file)(name), fs::copy_options::overwrite_existing);
    }
  }
  write_results(target, joined.record, joined.results);
}

}  // namespace dmcvr
