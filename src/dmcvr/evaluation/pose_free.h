// SPDX-License-Identifier: Apache-2.0
// Breath-holds differ from slice to slice, and no method can guess the shift of a slice that it has
// not seen. Moved to where each slice fits best, what is left is its shape.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace dmcvr {

struct PoseFree {
  torch::Tensor labels;  // [M, H, W], moved
  // Rows and columns that each slice was moved by; nothing where either side has no labels.
  std::vector<std::optional<std::array<int64_t, 2>>> shifts;
};

// Slices of labels [M, H, W] uint8, each moved by the whole pixels, at most `reach` along rows and
// columns, for which the mean of its structures' Dice with `truth` is largest; structures that
// neither has do not count. Of equally good shifts the shortest is taken. What leaves the picture
// is lost.
PoseFree pose_free(const torch::Tensor& labels, const torch::Tensor& truth, int64_t reach = 5);

}  // namespace dmcvr
