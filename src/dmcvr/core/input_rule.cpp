// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/input_rule.h"

#include "dmcvr/core/error.h"

namespace dmcvr {
namespace {

constexpr double kLeastSpacingMm = 0.2;

}  // namespace

void InputRule::check() const {
  if (patch_size < 32 || patch_size > 1024 || patch_size % 32 != 0) {
    throw Error("patch_size {}: expected a multiple of 32 from 32 to 1024", patch_size);
  }
  if (spacing_mm != 0 && !(spacing_mm >= kLeastSpacingMm && spacing_mm <= 10)) {
    throw Error("spacing_mm {}: expected {} to 10, or 0 for the acquired pixels", spacing_mm,
                kLeastSpacingMm);
  }
  if (!(low_percentile >= 0 && low_percentile < high_percentile && high_percentile <= 100)) {
    throw Error("percentiles {} and {}: expected 0 <= low < high <= 100", low_percentile,
                high_percentile);
  }
  if (!(clip_factor >= 1)) throw Error("clip_factor {}: expected 1 or more", clip_factor);
  if (!(range_low < range_high)) throw Error("range {} to {} is empty", range_low, range_high);
}

torch::Tensor network_from_unit(const torch::Tensor& unit, const InputRule& rule) {
  return unit * (rule.range_high - rule.range_low) + rule.range_low;
}

torch::Tensor unit_from_network(const torch::Tensor& values, const InputRule& rule) {
  return (values - rule.range_low) / (rule.range_high - rule.range_low);
}

InputRule small_segmenter_rule() {
  InputRule rule;
  rule.interpolation = PixelInterpolation::cubic;
  return rule;
}

InputRule small_generator_rule() {
  InputRule rule = small_segmenter_rule();
  rule.range_low = -1;
  return rule;
}

InputRule reference_rule() {
  InputRule rule;
  rule.patch_size = 256;
  rule.spacing_mm = 0;
  rule.low_percentile = 0;
  rule.high_percentile = 98;
  rule.low_is_zero = true;
  rule.clip_factor = 1;
  return rule;
}

}  // namespace dmcvr
