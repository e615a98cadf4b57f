// SPDX-License-Identifier: Apache-2.0
// Studies -> a data set for nnU-Net: pictures as they were acquired, one case a labeled phase.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/preprocessing/prepare.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dmcvr {

// Fills `folder`, which does not exist yet or is empty, from the studies that `prepare` would take
// (input, split and subset of the options; paint and what shapes slices has no meaning here), and
// returns the number of cases (study/nnunet.h). A study that cannot be read, or has no phase with
// all labels, is left out with a warning and counted in `left_out`. Throws Error for inputs as
// prepare does, and where no case is left.
int64_t write_nnunet_set(const std::vector<std::filesystem::path>& inputs,
                         const PrepareOptions& options, const std::filesystem::path& folder,
                         const OnProgress& on_progress = {}, int64_t* left_out = nullptr);

}  // namespace dmcvr
