// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/optimizer.h"

#include "dmcvr/core/error.h"
#include "dmcvr/models/weights.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

torch::nn::Linear seeded_linear() {
  torch::manual_seed(11);
  return torch::nn::Linear(5, 3);
}

void update_once(torch::nn::Linear& layer, torch::optim::Optimizer& optimizer, double rate) {
  optimizer.zero_grad();
  layer->forward(torch::linspace(-1, 1, 10).view({2, 5})).pow(2).sum().backward();
  set_learning_rate(optimizer, rate);
  optimizer.step();
}

TEST(Optimizer, GoesOnFromItsStoredState) {
  for (const auto kind : {OptimizerKind::adam, OptimizerKind::adamw}) {
    const OptimizerOptions options{kind, 0.1};
    auto whole = seeded_linear();
    const auto whole_optimizer = make_optimizer(*whole, options);
    for (int i = 0; i < 3; ++i) update_once(whole, *whole_optimizer, 0.01);

    auto resumed = seeded_linear();
    {
      torch::NoGradGuard no_grad;
      copy_parameters(named_tensors(*whole), *resumed);
    }
    const auto resumed_optimizer = make_optimizer(*resumed, options);
    set_optimizer_state(*resumed_optimizer, *resumed, optimizer_state(*whole_optimizer, *whole));
    for (int i = 0; i < 3; ++i) {
      update_once(whole, *whole_optimizer, 0.02);
      update_once(resumed, *resumed_optimizer, 0.02);
    }
    EXPECT_TRUE(torch::equal(whole->weight, resumed->weight));
    EXPECT_TRUE(torch::equal(whole->bias, resumed->bias));
  }
}

TEST(Optimizer, FirstAdamStepIsTheLearningRate) {
  auto layer = seeded_linear();
  const auto before = layer->weight.detach().clone();
  update_once(layer, *make_optimizer(*layer, {OptimizerKind::adam, 0}), 0.005);
  EXPECT_NEAR((layer->weight - before).abs().max().item<double>(), 0.005, 1e-6);
}

TEST(Optimizer, ForeignStateIsRefused) {
  auto layer = seeded_linear();
  const auto optimizer = make_optimizer(*layer, {});
  update_once(layer, *optimizer, 0.01);
  auto state = optimizer_state(*optimizer, *layer);
  EXPECT_EQ(state.size(), 6u);
  auto misshaped = state;
  misshaped["weight.mean"] = torch::zeros({2});
  EXPECT_THROW(set_optimizer_state(*optimizer, *layer, misshaped), Error);
  auto incomplete = state;
  incomplete.erase("bias.square");
  EXPECT_THROW(set_optimizer_state(*optimizer, *layer, incomplete), Error);
  state["other.mean"] = torch::zeros({2});
  EXPECT_THROW(set_optimizer_state(*optimizer, *layer, state), Error);
}

}  // namespace
}  // namespace dmcvr
