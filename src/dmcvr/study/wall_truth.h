// SPDX-License-Identifier: Apache-2.0
// How thick the wall of a heart of formulas is in the 16 segments of the left ventricle (Cerqueira
// et al., Circulation 2002;105:539), from its outlines themselves and without any pixel.
#pragma once

#include "dmcvr/study/heart_model.h"

#include <array>
#include <cstddef>

namespace dmcvr {

constexpr size_t kWallSegments = 16;

// In mm, segment n at [n - 1]: over the angles around the cavity's center and the planes of each
// third of the cavity, from the mitral plane to its tip, the mean of the nearest in-plane ways from
// endocardium to epicardium and back. The anterior insertion of the right ventricle is where its
// cavity ends above, the circular mean over the upper two thirds.
std::array<double, kWallSegments> true_wall_mm(const HeartShape& shape, const HeartPhase& phase);

}  // namespace dmcvr
