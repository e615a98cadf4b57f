// SPDX-License-Identifier: Apache-2.0
// How much of each structure there is. Every plane stands for the way to its neighbors' middles
// (summation of discs), and the outermost planes reach half an acquired gap beyond their centers,
// so that a cylinder has its true volume whether it is counted on few planes or on many.
#pragma once

#include "dmcvr/geometry/labels.h"

#include <cstdint>
#include <map>
#include <vector>

namespace dmcvr {

// Planes along their normal.
struct PlaneStack {
  std::vector<double> z_mm;  // of their centers, rising, at least one
  double first_cap_mm = 0;   // how far the first and the last plane reach beyond their centers
  double last_cap_mm = 0;
};

// Acquired slices at z_mm: caps of half the outermost gaps; of half of `pitch_mm` for one slice.
PlaneStack acquired_stack(const std::vector<double>& z_mm, double pitch_mm);

// The planes of a dense grid, the first at z = 0, that reach as far as the acquired slices at
// acquired_z_mm do, and at least half of their own spacing beyond the outermost ones.
PlaneStack dense_stack(const Grid& dense, const std::vector<double>& acquired_z_mm);

// Positions of the planes of a grid: 0, pitch, 2 pitch, …
std::vector<double> plane_positions(const Grid& grid);

// One structure in one phase.
struct StructureVolume {
  int64_t voxels = 0;  // 0: there is none, and the volume is not known to be 0
  double ml = 0;       // the caps included
  double cap_ml = 0;   // of it, beyond the centers of the outermost planes
  // Planes without the structure between planes that have it, from 0.
  std::vector<int64_t> skipped_planes;
};

// By label.
using PhaseVolumes = std::map<int64_t, StructureVolume>;

// One per phase; every label of label_table() is there. The labels have that table, and the planes
// of the stack.
std::vector<PhaseVolumes> structure_volumes(const Labels& labels, const PlaneStack& stack);

}  // namespace dmcvr
