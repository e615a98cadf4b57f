// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/ema.h"

#include "dmcvr/core/error.h"
#include "dmcvr/models/weights.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>

namespace dmcvr {
namespace {

// A layer with parameters, averages and a counter, all set to one value.
torch::nn::BatchNorm2d filled_layer(double value) {
  torch::nn::BatchNorm2d layer(3);
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(*layer)) tensor.fill_(value);
  return layer;
}

TEST(Ema, DecayRules) {
  EXPECT_NEAR(ema_decay({EmaRule::ramped, 0.9999}, 0), 0.1, 1e-12);
  EXPECT_NEAR(ema_decay({EmaRule::ramped, 0.9999}, 90), 0.91, 1e-12);
  EXPECT_EQ(ema_decay({EmaRule::ramped, 0.995}, 100000), 0.995);
  EXPECT_EQ(ema_decay({EmaRule::constant, 0.9999}, 0), 0.9999);
  EXPECT_EQ(ema_decay({EmaRule::reference_segmenter, 0.99}, 0), 0);
  EXPECT_EQ(ema_decay({EmaRule::reference_segmenter, 0.99}, 1), 0.5);
  EXPECT_EQ(ema_decay({EmaRule::reference_segmenter, 0.99}, 1000), 0.99);
  EXPECT_THROW((EmaOptions{EmaRule::constant, 1}).check(), Error);
}

TEST(Ema, AveragesStateAndCopiesCounters) {
  auto layer = filled_layer(1);
  auto ema = start_ema(*layer, {EmaRule::constant, 0.75});
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(*layer)) tensor.fill_(5);
  update_ema(ema, *layer);
  for (const auto& name : {"weight", "bias", "running_mean", "running_var"}) {
    EXPECT_TRUE(torch::allclose(ema.average.at(name), torch::full({3}, 2.0))) << name;
  }
  EXPECT_EQ(ema.average.at("num_batches_tracked").item<int64_t>(), 5);
}

TEST(Ema, ReferenceRuleCopiesBuffers) {
  auto layer = filled_layer(1);
  auto ema = start_ema(*layer, {EmaRule::reference_segmenter, 0.99});
  update_ema(ema, *layer);
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : named_tensors(*layer)) tensor.fill_(3);
  update_ema(ema, *layer);  // keeps one half
  EXPECT_TRUE(torch::allclose(ema.average.at("weight"), torch::full({3}, 2.0)));
  EXPECT_TRUE(torch::allclose(ema.average.at("running_var"), torch::full({3}, 3.0)));
}

TEST(Ema, BorrowedStateGoesBack) {
  auto layer = filled_layer(1), other = filled_layer(7);
  layer->train();
  {
    const BorrowedState borrowed(*layer, named_tensors(*other));
    EXPECT_FALSE(layer->is_training());
    EXPECT_EQ(layer->weight[0].item<double>(), 7);
    EXPECT_EQ(layer->running_mean[0].item<double>(), 7);
  }
  EXPECT_TRUE(layer->is_training());
  EXPECT_EQ(layer->weight[0].item<double>(), 1);
  EXPECT_EQ(layer->running_mean[0].item<double>(), 1);
  EXPECT_TRUE(layer->weight.requires_grad());
}

TEST(Ema, CopyingAnotherStateIsRefused) {
  auto layer = filled_layer(1);
  State state = named_tensors(*filled_layer(2));
  state["weight"] = torch::zeros({4});
  EXPECT_THROW(copy_state(state, named_tensors(*layer)), c10::Error);
}

}  // namespace
}  // namespace dmcvr
