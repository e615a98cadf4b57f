// SPDX-License-Identifier: Apache-2.0
// A run in small files, for machines that give back nothing large: what the next machine needs to
// go on with it.
//
// A folder of parts and manifest.json. The parts of one file, put one behind the other, are that
// file again: `cat DIR/weights.safetensors.* > weights.safetensors`.
//   checkpoint.safetensors.000, …  the network in float32, its average in float16 (vectors, which
//                                  are few, in float32), the state of the run; not Adam's moments,
//                                  two thirds of a checkpoint
//   weights.safetensors.000, …     the best network so far, as the run folder has it
//   manifest.json                  kind, step, score, and per file and part its size and SHA-256
#pragma once

#include "dmcvr/training/checkpoint.h"

#include <cstdint>
#include <filesystem>

namespace dmcvr {

struct ExportOptions {
  std::filesystem::path folder;            // empty: nothing is exported
  double every_seconds = 0;                // 0: only when a call of train() ends
  int64_t part_bytes = int64_t{15} << 20;  // of a part, at most

  void check() const;  // throws Error
};

// Writes the folder, or replaces it as a whole where it is an earlier export. `weights`: the run's
// weights file. Throws Error for a folder that holds anything else.
void write_export(const ExportOptions& options, const Checkpoint& checkpoint,
                  const std::filesystem::path& weights);

// The checkpoint, without an optimizer's state; the weights file is put at `weights`. Strict:
// throws Error that names the part that is missing or damaged, before `weights` is touched.
void check_export(const std::filesystem::path& folder);
Checkpoint read_export(const std::filesystem::path& folder, const std::filesystem::path& weights);

}  // namespace dmcvr
