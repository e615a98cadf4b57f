// SPDX-License-Identifier: Apache-2.0
// The learning rate over a run.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>

namespace dmcvr {

enum class LearningRateSchedule {
  constant,
  cosine,               // half a period down to final_fraction at the last step
  reference_segmenter,  // exponential warm-up over 5 epochs, then polynomial decay, in whole epochs
};

NLOHMANN_JSON_SERIALIZE_ENUM(LearningRateSchedule,
                             {{LearningRateSchedule::constant, "constant"},
                              {LearningRateSchedule::cosine, "cosine"},
                              {LearningRateSchedule::reference_segmenter, "reference_segmenter"}})

struct LearningRateOptions {
  double base = 1e-3;
  LearningRateSchedule schedule = LearningRateSchedule::cosine;
  int64_t warmup_steps = 100;    // linear from base / warmup_steps; not with reference_segmenter
  double final_fraction = 0.01;  // of base, cosine only
  int64_t epochs = 200;          // into which reference_segmenter divides the run

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LearningRateOptions, base, schedule, warmup_steps,
                                   final_fraction, epochs)

// For step 0, …, steps − 1.
double learning_rate(int64_t step, int64_t steps, const LearningRateOptions& options);

// The published segmenter's: base · 2.718^(10 (e/5 − 1)) for e < 5, base at e = 5, then
// base (1 − e/epochs)^0.9.
double reference_segmenter_rate(int64_t epoch, const LearningRateOptions& options);

}  // namespace dmcvr
