// SPDX-License-Identifier: Apache-2.0
// Which of many studies: those of a subset of a split.
#pragma once

#include "dmcvr/study/input_options.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// All studies of the inputs (find_cases), in their order. With `split`, a JSON file {"train": [case
// names], "validation": […], …}, those of the named subset alone. Throws Error for an input
// without cases, a file without the subset, and a case of the subset that no input holds.
std::vector<std::filesystem::path> choose_cases(const std::vector<std::filesystem::path>& inputs,
                                                const std::string& split = "",
                                                const std::string& subset = "",
                                                const InputOptions& input = {});

// Throws Error if one of both is given without the other.
void check_split(const std::string& split, const std::string& subset);

}  // namespace dmcvr
