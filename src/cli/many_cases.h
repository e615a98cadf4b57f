// SPDX-License-Identifier: Apache-2.0
// A verb over a whole data set: progress, what failed, and what is left for a next run.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/study/input_options.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace dmcvr::cli {

struct ManyCases {
  std::filesystem::path input;  // a folder of studies
  std::filesystem::path output;
  std::string shard;      // "2/8", "slurm"; empty: all
  bool replace = false;   // what earlier runs finished
  InputOptions layout;    // of the studies
  ArchiveLimits limits;   // of those that are archives
  nlohmann::json record;  // what decides the results beside the cases
};

// work(input, output, on_stage) for every case that no earlier run finished (report/case_batch.h).
// Prints the path of the table. Throws Error at the end where cases failed.
void run_many(const ManyCases& many,
              const std::function<void(const std::filesystem::path& input,
                                       const std::filesystem::path& output, const OnStage&)>& work);

}  // namespace dmcvr::cli
