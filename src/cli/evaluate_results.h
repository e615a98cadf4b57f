// SPDX-License-Identifier: Apache-2.0
// What dmcvr evaluate and dmcvr evaluate merge say on stdout.
#pragma once

#include "dmcvr/evaluation/run_folder.h"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace dmcvr::cli {

// Heading, tables, the folder. Nothing without cases. `record` is that of the folder.
void print_results(const nlohmann::json& record, const Results& results, const std::string& folder);

// The verb below `evaluate` that joins shards.
void add_evaluate_merge(CLI::App& evaluate);

}  // namespace dmcvr::cli
