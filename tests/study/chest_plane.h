// SPDX-License-Identifier: Apache-2.0
// A plane as wide as a chest, at an angle to it.
#pragma once

#include "dmcvr/study/picture_plane.h"

#include <cmath>

namespace dmcvr::test {

inline PicturePlane chest_plane() {
  PicturePlane plane;
  plane.columns = 150;
  plane.rows = 140;
  plane.spacing_mm = 2.4;
  plane.z_mm = 30;
  plane.across = {std::cos(0.3), std::sin(0.3)};
  plane.origin_mm = {-140, -190};
  return plane;
}

}  // namespace dmcvr::test
