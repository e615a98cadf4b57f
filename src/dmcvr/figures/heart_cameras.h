// SPDX-License-Identifier: Apache-2.0
// Where to look at the surfaces of a heart from, so that hearts and methods can be compared.
#pragma once

#include "dmcvr/figures/shaded_mesh.h"
#include "dmcvr/geometry/labels.h"

#include <array>
#include <cstdint>

namespace dmcvr {

// Two cameras at right angles to each other, the apex of the left ventricle below: [0] has the
// right ventricle on the left, [1] in front. Both show all labels, in one scale, in pictures of
// `side` pixels.
std::array<Camera, 2> heart_cameras(const Labels& labels, int64_t side, double margin_mm = 10);

}  // namespace dmcvr
