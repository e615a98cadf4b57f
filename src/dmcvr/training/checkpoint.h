// SPDX-License-Identifier: Apache-2.0
// All that a training run needs to go on as if it had never stopped.
#pragma once

#include "dmcvr/training/ema.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace dmcvr {

struct Checkpoint {
  State weights;
  State average;         // of the weights (ema.h)
  State optimizer;       // optimizer.h
  nlohmann::json state;  // run_state.h
};

// One safetensors file, written atomically, with a checksum over names, tensors and state.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

// Throws Error for a file that is damaged or no checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& path);

// The checkpoint that a run folder goes on from: last.safetensors, or best.safetensors where that
// is the newer one, since a run can be killed between the two. Its checksum is checked; a damaged
// one is left out with a warning where the other is good. Nothing where there is neither. Throws
// Error if none that is there can be read.
struct FoundCheckpoint {
  std::filesystem::path path;
  Checkpoint checkpoint;
};
std::optional<FoundCheckpoint> newest_checkpoint(const std::filesystem::path& folder);

}  // namespace dmcvr
