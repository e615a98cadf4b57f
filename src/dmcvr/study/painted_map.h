// SPDX-License-Identifier: Apache-2.0
// A dense label map scanned as the phantom is: thick short-axis slices across its left ventricle,
// in one phase, with truth.
#pragma once

#include "dmcvr/study/study.h"
#include "dmcvr/study/tissue_map.h"

#include <cstdint>

namespace dmcvr {

// What differs from painting to painting is drawn from the seed: the size of the heart (by some
// percent, along its axis by some more), the tilt of the slices against the axis (some degrees),
// their pitch, thickness, pixels and turn, breath-hold shifts, contrasts, textures, fat, chest,
// coil, noise. Labels are decided at the middles of the slices. Source "painted map"; phase "ed".
// The same map and seed give the same bytes, whatever the thread count.
Study paint_map(const TissueMap& map, uint64_t seed);

}  // namespace dmcvr
