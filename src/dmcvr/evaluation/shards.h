// SPDX-License-Identifier: Apache-2.0
// An evaluation in parts that run side by side, each into its own folder, and the joined whole: as
// if it had run in one.
#pragma once

#include "dmcvr/evaluation/run_folder.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dmcvr {

struct Shard {
  int64_t number = 1;  // 1 to count
  int64_t count = 1;
};

// "2/8", or "slurm": the task of an array by SLURM_ARRAY_TASK_ID, _MIN and _COUNT, which have to
// rise by one. Throws Error for anything else.
Shard shard_from(const std::string& text);

// Every count-th of the cases by their names, from the number-th on: all shards together have each
// once.
std::vector<std::filesystem::path> cases_of_shard(std::vector<std::filesystem::path> cases,
                                                  const Shard& shard);

// What several folders of evaluations hold together.
struct JoinedRuns {
  nlohmann::json record;  // as given to open_run_folder; the same in all of them
  Results results;        // by the names of the cases
  std::map<std::string, std::filesystem::path>
      folders;  // by the name of the case: where it is from
};

// The cases of the last run into each folder. Throws Error for a folder that holds no finished
// evaluation, for other options or another baseline than in the first, for a case that is not there
// any more, and for one that two folders have.
JoinedRuns read_runs(const std::vector<std::filesystem::path>& folders);

// The scores and figures of the cases, copied into a folder made for joined.record, and what is
// said of all of them.
void write_joined(const RunFolder& target, const JoinedRuns& joined);

}  // namespace dmcvr
