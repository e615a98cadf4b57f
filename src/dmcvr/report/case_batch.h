// SPDX-License-Identifier: Apache-2.0
// Many cases, each into a folder of its own below one folder, so that a second run goes on where
// the first one ended.
//
//   batch.json   what was asked for: options and weights; the mark of such a folder
//   CASE/        what one case leaves; complete or not there. Its run.json says by `batch` which
//                record it was made for, so that what is left of an earlier one is done again
//   cases.csv    the measures of all cases, a line each, with the seconds, or why a case failed
#pragma once

#include "dmcvr/evaluation/run_folder.h"
#include "dmcvr/io/archive.h"
#include "dmcvr/study/input_options.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dmcvr {

constexpr const char* kBatchFile = "batch.json";

struct CaseBatch {
  std::filesystem::path folder;
  bool replace = false;             // cases that an earlier run finished are done again
  std::string table = "cases.csv";  // its name; processes that share a folder have one each
  nlohmann::json record = {};       // what decides the results beside the cases: batch.json
  // How the work reads its inputs: a finished case counts if they are as they were.
  InputOptions input = {};
  ArchiveLimits limits = {};
};

// `batch` of a case's run.json.
std::string batch_sha256(const nlohmann::json& record);

// Makes the folder, or goes on in it. Throws Error as check_output_folder, and, unless
// batch.replace, where an earlier run was asked for other things, naming the first.
void open_batch(const CaseBatch& batch);

struct BatchOutcome {
  int64_t already_done = 0;  // by an earlier run
  std::vector<FailedCase> failed;
};

// work(input, output) makes the folder `output`, with measures.csv and run.json, or replaces what
// an earlier run left there; folders of others are not replaced. A case that throws is a failed
// one, and the others go on. `on_case` is called before each case and at the end, with the number
// of cases behind; what it throws ends the batch. The table is rewritten after every case.
BatchOutcome run_batch(const std::vector<std::filesystem::path>& cases, const CaseBatch& batch,
                       const std::function<void(const std::filesystem::path& input,
                                                const std::filesystem::path& output)>& work,
                       const std::function<void(int64_t done, const std::string& name)>& on_case);

}  // namespace dmcvr
