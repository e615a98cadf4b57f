// SPDX-License-Identifier: Apache-2.0
// What can be wrong with series of any format, told from what is known before a voxel is read.
#pragma once

#include "dmcvr/study/found_series.h"

#include <vector>

namespace dmcvr {

// Appends to series.problems: left_handed, implausible_field_of_view; and of short-axis stacks
// single_slice, small_matrix, pixel_size, implausible_stack, thickness_is_not_pitch,
// duplicate_slices, missing_slices, uneven_slices.
void check_series(FoundSeries& series);

// Problems between the series of one study: different_frames, view_misses_stack, and
// slices_left_out: films along the short axis whose slices lie beside those of the stack.
std::vector<Problem> check_together(const std::vector<FoundSeries>& series);

// Whether the films among the series, or all where there is no film, share their coordinates;
// nothing where they do not say.
std::optional<bool> share_frame(const std::vector<FoundSeries>& series);

// Whether the slices of both are parallel, to 10 degrees.
bool are_parallel(const Grid& a, const Grid& b);

}  // namespace dmcvr
