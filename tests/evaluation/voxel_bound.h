// SPDX-License-Identifier: Apache-2.0
// How far labels that are exact in their voxels can differ from exact labels in a plane across
// them.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace dmcvr::test {

// The least Dice that a structure can have in a view where `known` [h, w] bool holds, of pixels of
// pixel_mm, when each pixel shows the label of the nearest voxel of `stack`. Pixels can differ
// where the border comes as near as the voxel's reach, half its diagonal, or twice that in the
// plane, which holds for borders that are steeper than 30 degrees to it. Dice is 1 - differing /
// (|A| + |B|), and |A| + |B| >= 2 |A| - differing.
inline double least_dice_of_exact_labels(const torch::Tensor& known, double pixel_mm,
                                         const Grid& stack) {
  const auto voxel = stack.spacing_mm();
  const double reach_mm = length({voxel[0], voxel[1], voxel[2]}) / 2;
  const auto reach = static_cast<int64_t>(std::ceil(2 * reach_mm / pixel_mm));
  const double count = known.sum().item<double>();
  const auto as_image = known.to(torch::kFloat32).view({1, 1, known.size(0), known.size(1)});
  const auto grown = torch::max_pool2d(as_image, 2 * reach + 1, 1, reach);
  const auto shrunk = 1 - torch::max_pool2d(1 - as_image, 2 * reach + 1, 1, reach);
  const double differing = (grown - shrunk).sum().item<double>();
  return 1 - differing / std::max(2 * count - differing, differing);
}

}  // namespace dmcvr::test
