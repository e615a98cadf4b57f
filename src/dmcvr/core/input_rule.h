// SPDX-License-Identifier: Apache-2.0
// How pictures must look before a network sees them. Part of the weights: a network fed with
// another range or pixel size answers nonsense without a warning.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// How pixels of a slice become pixels of a patch, and back: the line between neighbors, or the
// cubic spline through all of them, which keeps edges that the line blurs (geometry/resample.h).
enum class PixelInterpolation { linear, cubic };
NLOHMANN_JSON_SERIALIZE_ENUM(PixelInterpolation, {{PixelInterpolation::linear, "linear"},
                                                  {PixelInterpolation::cubic, "cubic"}})

// Scanner value v -> unit u = (v - low) / (high - low), where low and high are percentiles of the
// acquired stack, clipped above at clip_factor x high; network value = range_low + u (range_high -
// range_low). Invertible wherever nothing was clipped.
struct InputRule {
  int64_t patch_size = 128;  // pixels per side
  double spacing_mm = 1.25;  // in-plane pixel size; 0 keeps the acquired one
  PixelInterpolation interpolation = PixelInterpolation::linear;
  double low_percentile = 0.5;  // of all voxels of the stack; 0 with low_is_zero
  double high_percentile = 99.5;
  bool low_is_zero = false;   // the reference divides by p98 and subtracts nothing
  double clip_factor = 1.25;  // 1 in the reference
  double range_low = 0;       // -1 for semantic encoder and generator of `small`
  double range_high = 1;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputRule, patch_size, spacing_mm, interpolation, low_percentile,
                                   high_percentile, low_is_zero, clip_factor, range_low, range_high)

// Unit values, 0 at `low` and 1 at `high`, to the values that the network reads, and back.
torch::Tensor network_from_unit(const torch::Tensor& unit, const InputRule& rule);
torch::Tensor unit_from_network(const torch::Tensor& values, const InputRule& rule);

InputRule small_segmenter_rule();  // 128 pixels of 1.25 mm, cubic, [0, 1]
InputRule small_generator_rule();  // the same in [-1, 1]
InputRule reference_rule();        // 256 acquired pixels, [0, p98] -> [0, 1], clipped

}  // namespace dmcvr
