// SPDX-License-Identifier: Apache-2.0
// Sees a loss that explodes without ever being infinite. It belongs to the state of a run, so that
// a resumed run does not take the level it is at for the one it should have.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>

namespace dmcvr {

// Judges by means over kWatchedSteps losses: one has exploded that is above the first, and
// kExplosion times the lowest.
struct LossWatch {
  static constexpr int64_t kWatchedSteps = 20;
  static constexpr double kExplosion = 10;

  int64_t means = 0;  // taken so far
  double first = 0, lowest = 0;
  int64_t count = 0;  // losses since the last mean
  double sum = 0, latest = 0;

  // Of the next update, finite. True: the mean that ends with it, `sum / count`, has exploded.
  bool has_exploded_with(double loss);
  // The latest loss, or all since the last mean, would have exploded: whether they have is known
  // some steps later, and what is to be kept as good waits for that. A loss tells of the weights
  // before its update; what the update made of them, the next one tells.
  bool is_in_doubt() const;

 private:
  bool is_too_high(double loss) const;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LossWatch, means, first, lowest, count, sum, latest)

}  // namespace dmcvr
