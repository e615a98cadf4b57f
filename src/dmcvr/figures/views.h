// SPDX-License-Identifier: Apache-2.0
// Planes to look at a heart through: grids of one slice, with square pixels, for
// geometry/resample.h.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/geometry/volume.h"

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

// How a heart stands in the patient. Directions are unit vectors of the world.
struct HeartAxes {
  Point center;   // of the LV cavity, or of all labels, or of the grid: the first that exists
  Point to_apex;  // along the LV cavity: the line through the centers of its cross-sections
  Point to_right_ventricle;  // at right angles to to_apex
  Point lower;  // of the labels' extent along right, to_apex and front: millimeters from the center
  Point upper;
  bool apex_is_last = true;  // to_apex agrees with the direction of growing slice index
};

// From the labels of all phases together. Without LV or RV, the axes of the grid stand in.
HeartAxes heart_axes(const Labels& labels);

// The voxel indices (column, row, slice) that labels occupy in any phase, ends included; the whole
// grid where there are none.
struct VoxelBox {
  Point first = {0, 0, 0};
  Point last = {0, 0, 0};
};
VoxelBox label_box(const Labels& labels);

struct ShortAxisOptions {
  double margin_mm = 14;  // on every side of the box
  int64_t pixels = 120;   // of each side of the view
};

// Slice `plane` of the grid around the middle of the box, square. The picture is turned and
// flipped, in steps of a right angle, to how radiologists look at it: the patient's left is on the
// right, the feet are below.
Grid short_axis_view(const Grid& grid, const VoxelBox& box, int64_t plane,
                     const ShortAxisOptions& options);

// Two planes through the LV's axis at right angles to each other, apex below: [0] holds the RV, on
// the left. Both are `width` pixels wide, equal in scale and in height.
std::array<Grid, 2> long_axis_views(const Labels& labels, double margin_mm, int64_t width);

// What was known before: every plane shows the acquired plane that is nearest to it.
torch::Tensor repeat_nearest(const torch::Tensor& planes, const std::vector<int64_t>& acquired);

}  // namespace dmcvr
