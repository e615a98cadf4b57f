// SPDX-License-Identifier: Apache-2.0
// Long-axis pictures of the phantom: planes that hold the long axis of the left ventricle.
//
// 4ch lies across the middle of the right ventricle, 2ch at a right angle to that, where no right
// ventricle is, 3ch through the outflow tract and the aorta. The apex is on top.
#pragma once

#include "dmcvr/study/phantom_scan.h"

#include <string>
#include <vector>

namespace dmcvr {

// One plane in the heart's frame. A row of its pixels lies at one z, so that rows are painted as
// short-axis pictures of one row.
struct LongAxisPlane {
  std::string name;
  Point origin_mm;            // center of pixel (0, 0)
  Point column, row, normal;  // unit vectors; the third part of `column` is 0
  double spacing_mm = 1;

  // Row `row_index` of the plane `offset_mm` along the normal.
  PicturePlane picture_row(int64_t row_index, int64_t columns, double offset_mm) const;
};

// "2ch", "3ch", "4ch", of options.matrix pixels a side.
std::vector<LongAxisPlane> long_axis_planes(const Scan& scan, const PhantomOptions& options);

constexpr int64_t kLongAxisViews = 3;

// Slabs as thick as short-axis slices, at most 8 mm, with the same noise and without shifts; labels
// decided at pixel centers. `on_phase` is called after each phase of each view.
std::vector<View> scan_long_axis(const Scan& scan, const Subject& subject,
                                 const PhantomOptions& options, const Thorax& thorax,
                                 const OnPhase& on_phase);

}  // namespace dmcvr
