// SPDX-License-Identifier: Apache-2.0
// The grid of the dense heart: the acquired one with more planes between its slices.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <cstdint>
#include <vector>

namespace dmcvr {

struct DenseGrid {
  Grid grid;                             // in-plane as acquired, from the first to the last center
  std::vector<int64_t> acquired_planes;  // its plane for each acquired slice, ascending
};

// More planes along the slice axis, acquired ones among them: plane spacing = pitch / round(pitch /
// slice_spacing_mm), 0 standing for the in-plane spacing (geometric mean); never fewer planes than
// acquired. A single slice stays alone. Throws Error for a spacing that is negative, not finite, or
// below a thousandth of the pitch.
DenseGrid dense_grid(const Grid& acquired, double slice_spacing_mm = 0);

}  // namespace dmcvr
