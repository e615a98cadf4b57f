// SPDX-License-Identifier: Apache-2.0
// Whose heart it is: the words of every verb that measures.
#pragma once

#include "cli/shared_options.h"

#include <CLI/App.hpp>

namespace dmcvr::cli {

// --height, --weight, --heart-rate, --bsa: named settings of BodyOptions.
void add_body_options(CLI::App& command, Settings& settings);

}  // namespace dmcvr::cli
