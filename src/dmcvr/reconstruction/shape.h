// SPDX-License-Identifier: Apache-2.0
// The classical baseline for labels: outlines that move evenly from slice to slice (Raya & Udupa
// 1990).
#pragma once

#include <torch/types.h>

#include <array>
#include <vector>

namespace dmcvr {

// labels: [D, H, W] uint8 of label_table() at the ascending acquired_z_mm. Returns [M, H, W] uint8
// at the positions of z_mm, all of which lie inside the stack. In each slice LV cavity, epicardium
// (LVC and LVM together) and RV have signed distances, negative inside; those of the two slices
// around a position are mixed linearly, and a structure is where the mix is negative. LVM is the
// epicardium without the cavity; where ventricles overlap, the left one is kept. A structure that
// only one of the two slices has keeps its outline for less than half of the way to the other.
torch::Tensor mix_shapes(const torch::Tensor& labels, const std::vector<double>& acquired_z_mm,
                         const std::vector<double>& z_mm,
                         const std::array<double, 2>& pixel_mm);  // of columns, rows

}  // namespace dmcvr
