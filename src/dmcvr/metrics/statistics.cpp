// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dmcvr {

double percentile(const torch::Tensor& values, double q) {
  TORCH_CHECK(values.numel() > 0, "percentile of no values");
  TORCH_CHECK(q >= 0 && q <= 100, "percentile ", q, ": expected 0 to 100");
  const auto copy = values.to(torch::kCPU, torch::kFloat64, false, true).contiguous().flatten();
  auto* begin = copy.data_ptr<double>();
  auto* end = begin + copy.numel();
  TORCH_CHECK(std::all_of(begin, end, [](double value) { return std::isfinite(value); }),
              "percentile: values must be finite");

  // The ranks on both sides of the wanted one.
  const double rank = q / 100 * static_cast<double>(copy.numel() - 1);
  const auto below = static_cast<int64_t>(rank);
  std::nth_element(begin, begin + below, end);
  const double low = begin[below];
  const double high = below + 1 < copy.numel() ? *std::min_element(begin + below + 1, end) : low;

  const double fraction = rank - static_cast<double>(below);
  return fraction < 0.5 ? low + fraction * (high - low) : high - (1 - fraction) * (high - low);
}

Summary summarize(const std::vector<double>& values) {
  Summary summary;
  double sum = 0, squares = 0;
  for (const double value : values) {
    if (std::isnan(value)) {
      ++summary.absent;
    } else {
      ++summary.count;
      sum += value;
    }
  }
  const auto count = static_cast<double>(summary.count);
  summary.mean = sum / count;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - summary.mean) * (value - summary.mean);
  }
  summary.deviation = summary.count > 1 ? std::sqrt(squares / (count - 1))
                                        : std::numeric_limits<double>::quiet_NaN();
  return summary;
}

}  // namespace dmcvr
