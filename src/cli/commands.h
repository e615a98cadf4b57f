// SPDX-License-Identifier: Apache-2.0
// The verbs, in the order of the pipeline. Each declares itself and, when chosen, runs.
#pragma once

#include <CLI/App.hpp>

namespace dmcvr::cli {

void add_info(CLI::App& app);
void add_phantom(CLI::App& app);
void add_prepare(CLI::App& app);
void add_train(CLI::App& app);
void add_reconstruct(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_measure(CLI::App& app);
void add_mesh(CLI::App& app);

}  // namespace dmcvr::cli
