// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/end_phases.h"

#include <algorithm>

namespace dmcvr {
namespace {

// How far the volume of phase t lies beyond those of the eligible phases around it; 0 within them.
double leap_ml(const std::vector<std::optional<double>>& ml, const std::vector<bool>& is_outlier,
               size_t t) {
  const size_t phases = ml.size();
  size_t before = (t + phases - 1) % phases, after = (t + 1) % phases;
  while (is_outlier[before]) before = (before + phases - 1) % phases;
  while (is_outlier[after]) after = (after + 1) % phases;
  if (!ml[t] || !ml[before] || !ml[after]) return 0;
  const auto [low, high] = std::minmax({*ml[before], *ml[after]});
  return std::max({*ml[t] - high, low - *ml[t], 0.0});
}

// The largest leap first: next to it, what is as it should be seems to leap the other way.
std::vector<size_t> find_outliers(const std::vector<std::optional<double>>& ml) {
  const size_t phases = ml.size();
  if (phases < kFewestFilmPhases) return {};
  const double largest_ml = std::max_element(ml.begin(), ml.end())->value_or(0);
  std::vector<bool> is_outlier(phases);
  std::vector<size_t> outliers;
  while (outliers.size() <= phases / kLeastPerOutlier) {
    size_t farthest = 0;
    double farthest_ml = 0;
    for (size_t t = 0; t < phases; ++t) {
      const double ml_beyond = is_outlier[t] ? 0 : leap_ml(ml, is_outlier, t);
      if (ml_beyond <= farthest_ml) continue;
      farthest = t;
      farthest_ml = ml_beyond;
    }
    if (farthest_ml <= kLargestLeap * largest_ml) {
      std::sort(outliers.begin(), outliers.end());
      return outliers;
    }
    is_outlier[farthest] = true;
    outliers.push_back(farthest);
  }
  return {};
}

}  // namespace

EndPhases end_phases(const std::vector<std::optional<double>>& cavity_ml) {
  EndPhases ends;
  ends.outliers = find_outliers(cavity_ml);
  for (size_t t = 0; t < cavity_ml.size(); ++t) {
    if (!cavity_ml[t]) continue;
    if (std::binary_search(ends.outliers.begin(), ends.outliers.end(), t)) continue;
    if (!ends.ed || *cavity_ml[t] > *cavity_ml[*ends.ed]) ends.ed = t;
    if (!ends.es || *cavity_ml[t] < *cavity_ml[*ends.es]) ends.es = t;
  }
  if (ends.ed == ends.es) ends.ed = ends.es = std::nullopt;
  return ends;
}

}  // namespace dmcvr
