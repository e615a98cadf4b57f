// SPDX-License-Identifier: Apache-2.0
// The questions that a study with nothing but its acquired slices can put. For a study whose dense
// truth is known see dense.h, for its long-axis views reslice.h.
#pragma once

#include "dmcvr/evaluation/contest.h"

#include <nlohmann/json.hpp>

namespace dmcvr {

enum class Protocol {
  held_out_slices,  // every second slice is hidden: what lies between the others?
  dense,            // a phantom is known everywhere: what lies between its slices?
  regenerate,       // nothing is hidden: do slices survive encode and decode?
  long_axis,        // nothing is hidden: does the whole agree with views across the slices?
};

NLOHMANN_JSON_SERIALIZE_ENUM(Protocol, {{Protocol::held_out_slices, "held-out-slices"},
                                        {Protocol::dense, "dense"},
                                        {Protocol::regenerate, "regenerate"},
                                        {Protocol::long_axis, "long-axis"}})

// The study with slices 0, 2, 4, … below `slice_count` alone.
Study with_every_second_slice(const Study& study, int64_t slice_count);

// Slices 1, 3, 5, … are asked for where they lie between slices that are given: 0, 2, 4, … The last
// slice of an even count is neither. Throws Error for less than three slices, and where the hidden
// slices do not lie in the middle between the given ones.
Contest hold_out_slices(const Study& study);

// All slices are given and asked for.
Contest ask_for_given(const Study& study);

}  // namespace dmcvr
