// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/learning_rate.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {

void LearningRateOptions::check() const {
  if (!(base > 0 && base <= 1))
    throw Error("learning_rate.base {}: expected a number in (0, 1]", base);
  if (warmup_steps < 0)
    throw Error("learning_rate.warmup_steps {}: expected 0 or more", warmup_steps);
  if (!(final_fraction >= 0 && final_fraction <= 1)) {
    throw Error("learning_rate.final_fraction {}: expected 0 to 1", final_fraction);
  }
  if (epochs < 1) throw Error("learning_rate.epochs {}: expected 1 or more", epochs);
}

double reference_segmenter_rate(int64_t epoch, const LearningRateOptions& options) {
  constexpr int64_t warmup_epochs = 5;
  constexpr double almost_e = 2.718;  // as published
  const auto e = static_cast<double>(epoch);
  if (epoch < warmup_epochs) return options.base * std::pow(almost_e, 10 * (e / warmup_epochs - 1));
  if (epoch == warmup_epochs) return options.base;
  return options.base * std::pow(std::max(0.0, 1 - e / static_cast<double>(options.epochs)), 0.9);
}

double learning_rate(int64_t step, int64_t steps, const LearningRateOptions& options) {
  if (options.schedule == LearningRateSchedule::reference_segmenter) {
    return reference_segmenter_rate(step * options.epochs / std::max<int64_t>(steps, 1), options);
  }
  if (step < options.warmup_steps) {
    return options.base * static_cast<double>(step + 1) / static_cast<double>(options.warmup_steps);
  }
  if (options.schedule == LearningRateSchedule::constant) return options.base;
  const auto length = std::max<int64_t>(1, steps - options.warmup_steps);
  const double progress =
      std::min(1.0, static_cast<double>(step - options.warmup_steps) / static_cast<double>(length));
  return options.base * (options.final_fraction +
                         (1 - options.final_fraction) * (1 + std::cos(M_PI * progress)) / 2);
}

}  // namespace dmcvr
