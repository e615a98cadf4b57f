// SPDX-License-Identifier: Apache-2.0
// Studies -> training slices: every slice in the unit values and at the pixel size of the networks'
// input rule.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/study/input_options.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// Dense label maps become studies by painting (study/painted_map.h).
struct PaintOptions {
  std::vector<std::string> maps;  // NIfTI files, or folders of them
  std::string labels_are;  // what tissue_table_from takes; empty: as the header of the file says
  int64_t count = 4;       // paintings of each map, all different

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PaintOptions, maps, labels_are, count)

struct PrepareOptions {
  InputOptions input;
  std::string split;  // JSON file {"train": [case names], "validation": […], …}; empty: all cases
  std::string subset;  // which of them; needed with split
  // Of the networks that will learn; range and patch size do not matter.
  InputRule input_rule = small_segmenter_rule();
  double margin_mm = 0;  // around the labeled heart; 0: the whole field of view
  // Of a film: "labeled", those with labels (all, where none has); "all"; or a number N, every N-th
  // beside those with labels. What is not labeled teaches generators alone.
  std::string frames = "labeled";
  PaintOptions paint;
  int64_t seed = 0;  // of the order of the cases, so that case numbers tell nothing; of paintings

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PrepareOptions, input, split, subset, input_rule, margin_mm,
                                   frames, paint, seed)

// The slices of one study, all phases; those of which the experts did not draw all labels are
// without labels. case_index is left 0; phase_index is the frame of the film
// where it is known.
std::vector<PackedSlice> pack_study(const Study& study, const PrepareOptions& options);

// The frames of the film, as far as options.frames takes them, that the study has not: cut and
// scaled as those of the study, without labels.
std::vector<PackedSlice> pack_other_frames(const Study& study, const Study& film,
                                           const PrepareOptions& options);

// Inputs: studies as read_study takes them, or folders of such (find_cases); may be empty where
// options.paint names maps. The split does not choose among maps. Throws Error for an input without
// cases, a split without the subset, a case of the subset that is missing. A study or map that
// cannot be read is left out with a warning and counted in `left_out`; Error if that is all.
PackedSlices prepare(const std::vector<std::filesystem::path>& inputs,
                     const PrepareOptions& options, const OnProgress& on_progress = {},
                     int64_t* left_out = nullptr);

}  // namespace dmcvr
