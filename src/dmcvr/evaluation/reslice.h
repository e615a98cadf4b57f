// SPDX-License-Identifier: Apache-2.0
// What a dense heart shows in a plane that cuts across its slices: where a long-axis view lies, as
// its file says.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"
#include "dmcvr/geometry/grid.h"
#include "dmcvr/study/study.h"

#include <torch/types.h>

#include <vector>

namespace dmcvr {

// All planes of reconstruct() with this spacing (0: the in-plane one) are asked for, acquired ones
// too. Throws Error where no plane lies between the slices.
Question ask_for_all_planes(const Study& study, double slice_spacing_mm = 0);

// The pixels [h, w] bool of a view whose centers lie between the planes through the centers of the
// first and of the last slice, and in the field of view of the slices (their outermost pixels
// included). What lies farther out no method has seen.
torch::Tensor inside_stack(const Grid& stack, const Grid& view);

// The pixels [h, w] bool of a view at most `reach_mm` away from a point of the world.
torch::Tensor near_point(const Grid& view, const Point& point, double reach_mm);

// The views of which some pixels are inside the stack; the others are left out, with a warning.
// Throws Error for a study without views and where none is left.
std::vector<View> views_through(const Grid& stack, const Study& study);

// An answer at the pixels of a view.
struct Reslice {
  torch::Tensor images;  // [T, h, w] float32, linear, NaN outside; undefined where it has none
  torch::Tensor labels;  // [T, h, w] uint8, 0 outside; undefined where it has none
};

// `answer` holds all planes of `stack`. Labels are those of the nearest voxel, or, if `soft`, the
// one with the largest share among the eight voxels around, weighted linearly.
Reslice reslice(const Answer& answer, const Grid& stack, const Grid& view, bool soft = false);

}  // namespace dmcvr
