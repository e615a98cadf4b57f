// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/optimizer.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/torch_compat.h"

#include <torch/nn/module.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>

namespace dmcvr {
namespace {

template <typename ParamState>
void collect_state(const torch::optim::Optimizer& optimizer, const torch::nn::Module& module,
                   State& state) {
  const auto& table = optimizer.state();
  for (const auto& item : module.named_parameters()) {
    const auto found = table.find(parameter_key(table, item.value()));
    if (found == table.end()) continue;
    const auto& entry = static_cast<const ParamState&>(*found->second);
    state[item.key() + ".step"] = torch::tensor(static_cast<int64_t>(entry.step()));
    state[item.key() + ".mean"] = entry.exp_avg().clone();
    state[item.key() + ".square"] = entry.exp_avg_sq().clone();
  }
}

template <typename ParamState>
void place_state(torch::optim::Optimizer& optimizer, const torch::nn::Module& module,
                 const State& state) {
  auto& table = optimizer.state();
  table.clear();
  size_t taken = 0;
  for (const auto& item : module.named_parameters()) {
    const auto step = state.find(item.key() + ".step");
    const auto mean = state.find(item.key() + ".mean"), square = state.find(item.key() + ".square");
    if (step == state.end() && mean == state.end() && square == state.end()) continue;
    if (step == state.end() || mean == state.end() || square == state.end() ||
        mean->second.sizes() != item.value().sizes() ||
        square->second.sizes() != item.value().sizes()) {
      throw Error("the optimizer state of '{}' does not fit the network", item.key());
    }
    auto entry = std::make_unique<ParamState>();
    entry->step(step->second.template item<int64_t>());
    entry->exp_avg(mean->second.to(item.value().device(), /*non_blocking=*/false, /*copy=*/true));
    entry->exp_avg_sq(square->second.to(item.value().device(), false, true));
    table[parameter_key(table, item.value())] = std::move(entry);
    taken += 3;
  }
  if (taken != state.size())
    throw Error("the optimizer state names parameters that the network lacks");
}

bool is_adamw(const torch::optim::Optimizer& optimizer) {
  return dynamic_cast<const torch::optim::AdamW*>(&optimizer) != nullptr;
}

}  // namespace

void OptimizerOptions::check() const {
  if (!(weight_decay >= 0 && weight_decay <= 1)) {
    throw Error("optimizer.weight_decay {}: expected 0 to 1", weight_decay);
  }
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const torch::nn::Module& module,
                                                        const OptimizerOptions& options) {
  if (options.kind == OptimizerKind::adamw) {
    return std::make_unique<torch::optim::AdamW>(
        module.parameters(), torch::optim::AdamWOptions().weight_decay(options.weight_decay));
  }
  return std::make_unique<torch::optim::Adam>(
      module.parameters(), torch::optim::AdamOptions().weight_decay(options.weight_decay));
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

State optimizer_state(const torch::optim::Optimizer& optimizer, const torch::nn::Module& module) {
  State state;
  if (is_adamw(optimizer)) {
    collect_state<torch::optim::AdamWParamState>(optimizer, module, state);
  } else {
    collect_state<torch::optim::AdamParamState>(optimizer, module, state);
  }
  return state;
}

void set_optimizer_state(torch::optim::Optimizer& optimizer, const torch::nn::Module& module,
                         const State& state) {
  if (is_adamw(optimizer)) {
    place_state<torch::optim::AdamWParamState>(optimizer, module, state);
  } else {
    place_state<torch::optim::AdamParamState>(optimizer, module, state);
  }
}

}  // namespace dmcvr
