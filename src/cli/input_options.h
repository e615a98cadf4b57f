// SPDX-License-Identifier: Apache-2.0
// What every verb that reads studies asks about them.
#pragma once

#include "cli/shared_options.h"

#include "dmcvr/study/input_options.h"

#include <CLI/App.hpp>

#include <string>

namespace dmcvr::cli {

// --layout, --labels-are and --keep-id, into `input`; the struct has to outlive the parsing.
void add_input_options(CLI::App& command, InputOptions& input);

// The same as options of the algorithm, under /input; without --labels-are where `has_labels_are`
// is false.
void add_input_settings(CLI::App& command, Settings& settings, bool has_labels_are = true);

}  // namespace dmcvr::cli
