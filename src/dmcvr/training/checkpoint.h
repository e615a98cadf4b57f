// SPDX-License-Identifier: Apache-2.0
// All that a training run needs to go on as if it had never stopped.
#pragma once

#include "dmcvr/training/ema.h"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace dmcvr {

struct Checkpoint {
  State weights;
  State average;         // of the weights (ema.h)
  State optimizer;       // optimizer.h
  nlohmann::json state;  // step, best score, options, …
};

// One safetensors file, written atomically, with a checksum over names, tensors and state.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// Throws Error for a file that is damaged or no checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace dmcvr
