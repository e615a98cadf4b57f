// SPDX-License-Identifier: Apache-2.0
// Studies -> training slices: every slice in the unit values and at the pixel size of the networks'
// input rule.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

struct PrepareOptions {
  std::string split;  // JSON file {"train": [case names], "validation": […], …}; empty: all cases
  std::string subset;    // which of them; needed with split
  InputRule input_rule;  // of the networks that will learn; range and patch size do not matter
  double margin_mm = 0;  // around the labeled heart; 0: the whole field of view
  int64_t seed = 0;      // of the order of the cases, so that case numbers tell nothing

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PrepareOptions, split, subset, input_rule, margin_mm, seed)

// The slices of one study, all phases. case_index is left 0.
std::vector<PackedSlice> pack_study(const Study& study, const PrepareOptions& options);

// Inputs: studies as read_study takes them, phantoms as write_phantom leaves them, or folders of
// such. Throws Error for an input without cases, a split without the subset, a case of the subset
// that is missing. A study that cannot be read is left out with a warning; Error if that is all.
PackedSlices prepare(const std::vector<std::filesystem::path>& inputs,
                     const PrepareOptions& options, const OnProgress& on_progress = {});

}  // namespace dmcvr
