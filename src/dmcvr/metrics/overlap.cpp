// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/overlap.h"

#include <limits>

namespace dmcvr {

Overlap overlap(const torch::Tensor& prediction, const torch::Tensor& truth) {
  TORCH_CHECK(prediction.scalar_type() == torch::kBool && truth.scalar_type() == torch::kBool &&
                  prediction.sizes() == truth.sizes(),
              "overlap: expected two boolean masks of one shape, found ", prediction.sizes(),
              " and ", truth.sizes());
  const auto count = [](const torch::Tensor& mask) {
    return static_cast<double>(mask.sum().item<int64_t>());
  };
  const double a = count(prediction), b = count(truth);
  const double both = count(prediction & truth), either = a + b - both;
  const auto ratio = [](double part, double whole) {
    return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
  };
  return {ratio(2 * both, a + b), 100 * (1 - ratio(both, either)), 100 * ratio(a - b, b)};
}

}  // namespace dmcvr
