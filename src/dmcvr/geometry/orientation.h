// SPDX-License-Identifier: Apache-2.0
// How the axes of a grid lie in the patient, and whether they are at right angles.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <string>

namespace dmcvr {

// Three letters, one per index: the side of the patient (R/L, A/P, S/I) toward which it grows.
// "LPS": columns run to the left, rows to the back, slices to the head. Oblique axes take the
// assignment of axes to directions that fits best over all three.
std::string orientation_code(const Affine& world_from_voxel);

// The largest |cosine| of the angle between two axes; 0 for right angles, NaN if an axis has no
// length.
double skew(const Affine& world_from_voxel);

// The same lengths and offset with the nearest directions at right angles (the polar factor of the
// unit axes), left-handed where the input is. Exact up to rounding for a skew of 0.
Affine orthogonalize(const Affine& world_from_voxel);

// The affine itself for a skew of at most 1e-5, which is float32 rounding; orthogonalized, with a
// warning that begins with `name`, up to 1e-3. Throws Error beyond, and for axes without length.
Affine require_orthogonal(const Affine& world_from_voxel, const std::string& name);

}  // namespace dmcvr
