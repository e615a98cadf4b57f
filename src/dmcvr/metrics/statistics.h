// SPDX-License-Identifier: Apache-2.0
// Few numbers for many.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// The value below which q percent of the values lie, linear between the two nearest ranks, as
// numpy's percentile gives it. q: 0 to 100. Values of any shape and real type, at least one, all
// finite.
double percentile(const torch::Tensor& values, double q);

// NaN counts as absent and is left out of mean and deviation.
struct Summary {
  int64_t count = 0;     // values that are there
  int64_t absent = 0;    // NaN
  double mean = 0;       // NaN without values
  double deviation = 0;  // standard deviation of a sample (n − 1); NaN below two values
};
Summary summarize(const std::vector<double>& values);

struct Interval {
  double mean = 0;           // of all values; NaN without values
  double low = 0, high = 0;  // 95 % of the means of resamples lie between; NaN below two groups
  int64_t values = 0, groups = 0;  // that are there
};

// The mean of values that come in groups (the phases of one patient), and how far it would move
// with other groups: the percentile bootstrap that draws whole groups with replacement (Efron and
// Tibshirani 1993, chapter 13). Of paired differences it says whether one method beats another. NaN
// counts as absent. Same input, same interval.
Interval bootstrap_mean(const std::vector<std::vector<double>>& groups, int64_t resamples = 10000);
// The same of several measures of the same groups, for little more than the work of one.
std::vector<Interval> bootstrap_means(const std::vector<std::vector<std::vector<double>>>& measures,
                                      int64_t resamples = 10000);

}  // namespace dmcvr
