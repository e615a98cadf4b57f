// SPDX-License-Identifier: Apache-2.0
// The planes of the dense heart along the stack: which hold acquired slices, and where the others
// lie between them.
#pragma once

#include "dmcvr/geometry/grid.h"
#include "dmcvr/study/study.h"

#include <cstdint>
#include <vector>

namespace dmcvr {

struct DensePlanes {
  Grid grid;                          // in-plane as acquired
  std::vector<double> acquired_z_mm;  // where the slices lie along the normal, from the first one
  std::vector<int64_t> acquired_planes;  // the plane that holds each slice, rising
  std::vector<double> plane_offsets_mm;  // position of the slice minus that of its plane
  std::vector<int64_t> missing_planes;   // all others, rising
  std::vector<double> missing_z_mm;      // their positions, inside the stack
};

// Planes for slices at z_mm (strictly rising, one per slice of `acquired`, 0 first). Even pitch:
// the grid of geometry/dense_grid.h, every slice on its plane. Uneven pitch: planes from the median
// gap, each slice on the nearest one, with a warning that gives the largest offset.
// slice_spacing_mm 0 stands for the in-plane spacing. Throws Error for fewer than two slices and
// where two would share a plane.
DensePlanes dense_planes(const Grid& acquired, const std::vector<double>& z_mm,
                         double slice_spacing_mm);

// Positions of evenly spaced slices: 0, pitch, 2 pitch, …
std::vector<double> even_positions(const Grid& acquired);

// Where the slices of a study lie, even or not.
std::vector<double> slice_positions(const Study& study);

}  // namespace dmcvr
