// SPDX-License-Identifier: Apache-2.0
// A long-axis view is taken in another breath-hold than the slices. How far must a dense heart be
// moved in the plane of the view to fit it best? The shift is for the reader to know; no score is
// taken after it.
#pragma once

#include <torch/types.h>

#include <array>
#include <optional>

namespace dmcvr {

struct PoseSearch {
  torch::Tensor inside;                     // [h, w] bool: the pixels that the dense heart reaches
  std::array<double, 2> pixel_mm = {1, 1};  // of columns, rows
  double reach_mm = 10;                     // the longest shift
};

// Columns and rows in mm that `said` is moved by, in whole pixels, the shortest of equally good
// shifts. Compared are the same pixels for all of them: those that the dense heart still reaches
// after any shift within reach. Nothing where there are none.

// By the mean Dice of the structures that the truth has there; labels [h, w] uint8. Nothing where
// one side has no labels.
std::optional<std::array<double, 2>> best_shift_of_labels(const torch::Tensor& said,
                                                          const torch::Tensor& truth,
                                                          const PoseSearch& search);

// By the correlation of the pictures [h, w] float32. Nothing where one of them is flat.
std::optional<std::array<double, 2>> best_shift_of_pictures(const torch::Tensor& said,
                                                            const torch::Tensor& truth,
                                                            const PoseSearch& search);

}  // namespace dmcvr
