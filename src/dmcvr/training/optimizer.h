// SPDX-License-Identifier: Apache-2.0
// Adam and AdamW of LibTorch, with a state that can be stored by parameter names.
#pragma once

#include "dmcvr/training/ema.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace torch::optim {
class Optimizer;
}

namespace dmcvr {

enum class OptimizerKind { adam, adamw };

NLOHMANN_JSON_SERIALIZE_ENUM(OptimizerKind,
                             {{OptimizerKind::adam, "adam"}, {OptimizerKind::adamw, "adamw"}})

// Betas 0.9 and 0.999, epsilon 1e-8.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adamw;
  double weight_decay = 0.01;  // of every parameter; decoupled with adamw

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OptimizerOptions, kind, weight_decay)

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const torch::nn::Module& module,
                                                        const OptimizerOptions& options);

void set_learning_rate(torch::optim::Optimizer& optimizer, double rate);

// "<parameter>.step", ".mean" and ".square" of every parameter that had a gradient so far, copied.
State optimizer_state(const torch::optim::Optimizer& optimizer, const torch::nn::Module& module);
// Throws Error if a name is unknown or a shape differs.
void set_optimizer_state(torch::optim::Optimizer& optimizer, const torch::nn::Module& module,
                         const State& state);

}  // namespace dmcvr
