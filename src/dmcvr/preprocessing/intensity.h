// SPDX-License-Identifier: Apache-2.0
// Scanner values <-> unit values of an input rule (core/input_rule.h). One map per study: the
// phases of a film share it, so that brightness does not flicker.
#pragma once

#include "dmcvr/core/input_rule.h"

#include <torch/types.h>

namespace dmcvr {

// unit = (value - low) / (high - low), at most `limit`.
struct IntensityMap {
  double low = 0;   // scanner value of unit 0
  double high = 1;  // scanner value of unit 1
  double limit = 1.25;
};

// From all voxels of the acquired stack, all phases together. Throws Error if they are (nearly) all
// equal.
IntensityMap intensity_map(const torch::Tensor& voxels, const InputRule& rule);

torch::Tensor to_unit(const torch::Tensor& values, const IntensityMap& map);
// The inverse, wherever nothing was clipped.
torch::Tensor from_unit(const torch::Tensor& units, const IntensityMap& map);

}  // namespace dmcvr
