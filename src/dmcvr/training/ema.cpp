// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/ema.h"

#include "dmcvr/core/error.h"
#include "dmcvr/models/weights.h"

#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {
namespace {

State cloned(const State& state) {
  State copy;
  for (const auto& [name, tensor] : state) copy[name] = tensor.detach().clone();
  return copy;
}

}  // namespace

void copy_state(const State& from, const State& to) {
  TORCH_CHECK(from.size() == to.size(), "copy_state: ", from.size(), " tensors into ", to.size());
  torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : to) {
    const auto found = from.find(name);
    TORCH_CHECK(found != from.end(), "copy_state: no tensor '", name, "'");
    TORCH_CHECK(found->second.sizes() == tensor.sizes(), "copy_state: '", name, "' is ",
                found->second.sizes(), ", not ", tensor.sizes());
    auto target = tensor;
    target.copy_(found->second);
  }
}

void EmaOptions::check() const {
  if (!(decay >= 0 && decay < 1)) throw Error("ema.decay {}: expected a number in [0, 1)", decay);
}

double ema_decay(const EmaOptions& options, int64_t n) {
  const auto count = static_cast<double>(n);
  switch (options.rule) {
    case EmaRule::ramped:
      return std::min(options.decay, (1 + count) / (10 + count));
    case EmaRule::constant:
      return options.decay;
    case EmaRule::reference_segmenter:
      return std::min(options.decay, 1 - 1 / (count + 1));
  }
  TORCH_CHECK(false, "ema_decay: unknown rule");
}

Ema start_ema(const torch::nn::Module& module, const EmaOptions& options) {
  return {options, cloned(named_tensors(module)), 0};
}

void update_ema(Ema& ema, const torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  const double kept = ema_decay(ema.options, ema.updates++);
  State copied;
  if (ema.options.rule == EmaRule::reference_segmenter) {
    for (const auto& item : module.named_buffers()) copied[item.key()] = item.value();
  }
  for (const auto& [name, tensor] : named_tensors(module)) {
    auto& average = ema.average.at(name);
    if (!tensor.is_floating_point() || copied.count(name) > 0) {
      average.copy_(tensor);
    } else {
      average.mul_(kept).add_(tensor, 1 - kept);
    }
  }
}

BorrowedState::BorrowedState(torch::nn::Module& module, const State& state)
    : module_(module), own_(cloned(named_tensors(module))), was_training_(module.is_training()) {
  copy_state(state, named_tensors(module_));
  module_.eval();
}

BorrowedState::~BorrowedState() {
  copy_state(own_, named_tensors(module_));
  module_.train(was_training_);
}

}  // namespace dmcvr
