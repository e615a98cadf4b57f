// SPDX-License-Identifier: Apache-2.0
// Outlines of a heart's structures as signed distances, which can be mixed and moved where labels
// cannot.
#pragma once

#include "dmcvr/reconstruction/linear.h"

#include <torch/types.h>

#include <array>
#include <vector>

namespace dmcvr {

// One structure over the slices.
struct OutlineStack {
  torch::Tensor distances;     // [D, H, W] float64, mm, negative inside; infinite where it is not
  std::vector<bool> is_there;  // in each slice
};

// The structures nested, so that each has one closed border: LVM = epicardium − cavity.
struct HeartOutlines {
  OutlineStack cavity;      // LVC
  OutlineStack epicardium;  // LVC and LVM
  OutlineStack right;       // RVC
};

// labels: [D, H, W] uint8 of label_table(); pixel_mm: along rows and columns of the picture, x and
// y. Borders run in the middle between the centers of pixels on both sides.
HeartOutlines heart_outlines(const torch::Tensor& labels, const std::array<double, 2>& pixel_mm);

// Whether the slices below and above a place have the structure.
std::array<bool, 2> present(const OutlineStack& outline, const Between& place);

// Inside at a place between two slices [H, W], whose distances there are given: where the linear
// mix is negative. A structure that only one of them has reaches half way, the middle excluded.
torch::Tensor inside(const torch::Tensor& below, const torch::Tensor& above,
                     const std::array<bool, 2>& is_there, const Between& place);

}  // namespace dmcvr
