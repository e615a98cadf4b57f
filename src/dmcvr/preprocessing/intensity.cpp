// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/intensity.h"

#include "dmcvr/core/error.h"
#include "dmcvr/metrics/statistics.h"

namespace dmcvr {

IntensityMap intensity_map(const torch::Tensor& voxels, const InputRule& rule) {
  rule.check();
  IntensityMap map;
  map.low = rule.low_is_zero ? 0 : percentile(voxels, rule.low_percentile);
  map.high = percentile(voxels, rule.high_percentile);
  if (!(map.high > map.low)) {
    throw Error("the picture is empty: {} % of its voxels are {} or less", rule.high_percentile,
                map.high);
  }
  map.limit = (rule.clip_factor * map.high - map.low) / (map.high - map.low);
  return map;
}

torch::Tensor to_unit(const torch::Tensor& values, const IntensityMap& map) {
  return ((values - map.low) / (map.high - map.low)).clamp_max(map.limit);
}

torch::Tensor from_unit(const torch::Tensor& units, const IntensityMap& map) {
  return units * (map.high - map.low) + map.low;
}

}  // namespace dmcvr
