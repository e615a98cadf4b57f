// SPDX-License-Identifier: Apache-2.0
// A dense label map scanned as the phantom is: thick short-axis slices across its left ventricle,
// long-axis views, and the dense truth, in one phase.
#pragma once

#include "dmcvr/study/phantom.h"
#include "dmcvr/study/tissue_map.h"

namespace dmcvr {

// What differs from painting to painting is drawn from the seed: the size of the heart (by some
// percent, along its axis by some more), the tilt of the slices against the axis (some degrees),
// contrasts, textures, fat, chest, coil, noise, and whatever of pitch, thickness, pixels and
// breath-hold shifts the options leave open. Phases, pathology and ejection fraction play no part.
// Labels are decided at the middles of the slices. Source "painted map", phase "ed"; the truth has
// volumes and mass alone. The same map and options give the same bytes, whatever the thread count.
// Throws Error for bad options.
Phantom paint_map(const TissueMap& map, PhantomOptions options, const OnProgress& on_progress = {});

}  // namespace dmcvr
