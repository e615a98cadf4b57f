// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loss_watch.h"

#include <algorithm>

namespace dmcvr {

bool LossWatch::is_too_high(double loss) const {
  return means > 0 && loss > first && loss > kExplosion * lowest;
}

bool LossWatch::is_in_doubt() const {
  return is_too_high(latest) || (count > 0 && is_too_high(sum / static_cast<double>(count)));
}

bool LossWatch::has_exploded_with(double loss) {
  latest = loss;
  sum += loss;
  if (++count < kWatchedSteps) return false;
  const double mean = sum / static_cast<double>(count);
  if (is_too_high(mean)) return true;
  if (means++ == 0) first = lowest = mean;
  lowest = std::min(lowest, mean);
  count = 0;
  sum = 0;
  return false;
}

}  // namespace dmcvr
