// SPDX-License-Identifier: Apache-2.0
// Lines and disks with soft edges, in pixels from the upper left corner of a picture.
#pragma once

#include "dmcvr/figures/picture.h"

#include <vector>

namespace dmcvr {

struct PixelPoint {
  double row = 0;
  double column = 0;
};

// A line through the points, round at its ends and corners; where it crosses itself it is no
// darker. One point gives a disk.
void draw_line(Picture& canvas, const std::vector<PixelPoint>& points, double width_px,
               const Color& color);

}  // namespace dmcvr
