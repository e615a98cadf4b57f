// SPDX-License-Identifier: Apache-2.0
// The cubic spline through the pixels of a slice, as a sum of B-splines. M. Unser, A. Aldroubi,
// M. Eden, B-spline signal processing, IEEE TSP 41(2), 1993.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

// Slices [N, H, W] float32 -> coefficients of the same shape in float64. Beyond its border a slice
// goes on mirrored about the outermost pixels.
torch::Tensor spline_coefficients(const torch::Tensor& slices);

// The four coefficients that a coordinate on an axis of `size` centers depends on, and how much
// each counts. x is from 0 to size - 1.
struct SplineTaps {
  std::array<int64_t, 4> index = {};
  std::array<double, 4> weight = {};
};
SplineTaps spline_taps(double x, int64_t size);

}  // namespace dmcvr
