// SPDX-License-Identifier: Apache-2.0
// The exponential moving average of a network's state: what is validated and shipped.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>

namespace torch::nn {
class Module;
}

namespace dmcvr {

// Parameters and buffers by name, as named_tensors() of models/weights.h gives them.
using State = std::map<std::string, torch::Tensor>;

// Copies values. Names and shapes must agree.
void copy_state(const State& from, const State& to);

enum class EmaRule {
  ramped,    // min(decay, (1 + n) / (10 + n)): forgets the initial weights within few updates
  constant,  // decay
  reference_segmenter,  // min(decay, 1 − 1 / (n + 1)); buffers are copied
};

NLOHMANN_JSON_SERIALIZE_ENUM(EmaRule, {{EmaRule::ramped, "ramped"},
                                       {EmaRule::constant, "constant"},
                                       {EmaRule::reference_segmenter, "reference_segmenter"}})

struct EmaOptions {
  EmaRule rule = EmaRule::ramped;
  double decay = 0.9999;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EmaOptions, rule, decay)

// What is kept of the average in update n = 0, 1, ….
double ema_decay(const EmaOptions& options, int64_t n);

struct Ema {
  EmaOptions options;
  State average;
  int64_t updates = 0;
};

// A copy of the module's state.
Ema start_ema(const torch::nn::Module& module, const EmaOptions& options);
// average ← d average + (1 − d) state; whole numbers (counters) are copied.
void update_ema(Ema& ema, const torch::nn::Module& module);

// Puts a state into a module in evaluation mode, and its own state and mode back at the end of its
// life.
class BorrowedState {
 public:
  BorrowedState(torch::nn::Module& module, const State& state);
  ~BorrowedState();
  BorrowedState(const BorrowedState&) = delete;
  BorrowedState& operator=(const BorrowedState&) = delete;

 private:
  torch::nn::Module& module_;
  State own_;
  bool was_training_;
};

}  // namespace dmcvr
