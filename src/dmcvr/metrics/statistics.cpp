// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/statistics.h"

#include "dmcvr/core/random.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace dmcvr {

namespace {

// Reorders the values.
template <typename Value>
double percentile_of(Value* begin, Value* end, double q) {
  TORCH_CHECK(std::all_of(begin, end, [](Value value) { return std::isfinite(value); }),
              "percentile: values must be finite");

  // The ranks on both sides of the wanted one.
  const double rank = q / 100 * static_cast<double>(end - begin - 1);
  const auto below = static_cast<int64_t>(rank);
  std::nth_element(begin, begin + below, end);
  const double low = begin[below];
  const double high = below + 1 < end - begin ? *std::min_element(begin + below + 1, end) : low;

  const double fraction = rank - static_cast<double>(below);
  return fraction < 0.5 ? low + fraction * (high - low) : high - (1 - fraction) * (high - low);
}

}  // namespace

double percentile(const torch::Tensor& values, double q) {
  TORCH_CHECK(values.numel() > 0, "percentile of no values");
  TORCH_CHECK(q >= 0 && q <= 100, "percentile ", q, ": expected 0 to 100");
  // Whole films are of this type; a copy in double precision would double them.
  if (values.scalar_type() == torch::kFloat32) {
    const auto copy = values.to(torch::kCPU, torch::kFloat32, false, true).contiguous();
    auto* begin = copy.data_ptr<float>();
    return percentile_of(begin, begin + copy.numel(), q);
  }
  const auto copy = values.to(torch::kCPU, torch::kFloat64, false, true).contiguous();
  auto* begin = copy.data_ptr<double>();
  return percentile_of(begin, begin + copy.numel(), q);
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

namespace {

// How often each of `size` groups is in each resample: [resamples, size].
torch::Tensor drawn_groups(int64_t size, int64_t resamples) {
  auto generator = make_generator(0, "bootstrap");
  const auto drawn = at::randint(size, {resamples, size}, generator, torch::kInt64);
  return torch::zeros({resamples, size}, torch::kFloat64)
      .scatter_add_(1, drawn, torch::ones({resamples, size}, torch::kFloat64));
}

}  // namespace

std::vector<Interval> bootstrap_means(const std::vector<std::vector<std::vector<double>>>& measures,
                                      int64_t resamples) {
  TORCH_CHECK(resamples > 0, "bootstrap_means: ", resamples, " resamples");
  std::map<int64_t, torch::Tensor> draws;  // by the number of groups
  std::vector<Interval> intervals;
  for (const auto& groups : measures) {
    std::vector<double> sums, counts;
    for (const auto& group : groups) {
      double sum = 0, count = 0;
      for (const double value : group) {
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
      }
      if (count == 0) continue;
      sums.push_back(sum);
      counts.push_back(count);
    }
    const auto size = static_cast<int64_t>(sums.size());
    const double count = std::accumulate(counts.begin(), counts.end(), 0.0);
    Interval interval;
    interval.groups = size;
    interval.values = static_cast<int64_t>(count);
    interval.mean = std::accumulate(sums.begin(), sums.end(), 0.0) / count;
    interval.low = interval.high = std::numeric_limits<double>::quiet_NaN();
    if (size > 1) {
      if (draws.count(size) == 0) draws[size] = drawn_groups(size, resamples);
      const auto total = [&](const std::vector<double>& values) {
        return draws[size].mv(torch::tensor(values, torch::kFloat64));
      };
      const auto means = total(sums) / total(counts);
      interval.low = percentile(means, 2.5);
      interval.high = percentile(means, 97.5);
    }
    intervals.push_back(interval);
  }
  return intervals;
}

Interval bootstrap_mean(const std::vector<std::vector<double>>& groups, int64_t resamples) {
  return bootstrap_means({groups}, resamples).front();
}

}  // namespace dmcvr
