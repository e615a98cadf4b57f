// SPDX-License-Identifier: Apache-2.0
// What dmcvr evaluate says on stdout, and the joining of its shards.
#pragma once

#include "dmcvr/evaluation/run_folder.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dmcvr::cli {

// Heading, tables, the folder. Nothing without cases. `record` is that of the folder.
void print_results(const nlohmann::json& record, const Results& results, const std::string& folder);

// dmcvr evaluate merge: folders of shards become one. Throws Error as read_runs, and where a case
// failed in them.
void merge_evaluations(const std::vector<std::string>& folders, const std::string& output,
                       bool replace);

}  // namespace dmcvr::cli
