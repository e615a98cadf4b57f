// SPDX-License-Identifier: Apache-2.0
// Training that begins with a network that has learned already: fine-tuning.
#pragma once

#include "dmcvr/models/weights.h"

#include <torch/nn/module.h>

#include <filesystem>
#include <string>

namespace dmcvr {

// Copies the weights of the file into the network, which `info` describes, and returns the
// checksum of the file; does nothing for an empty path. Throws Error, in one line that begins with
// the path, for a file that is no weights file, of another kind, or of a network of other options.
std::string begin_with(const std::filesystem::path& path, const WeightsInfo& info,
                       torch::nn::Module& network);

}  // namespace dmcvr
