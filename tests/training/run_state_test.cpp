// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/run_state.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/training/optimizer.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

RunState state_of(torch::nn::Linear& network) {
  return {*network, make_optimizer(*network, {}), start_ema(*network, {}), {{"width", 3}}, 500};
}

// One update towards zero.
void update(RunState& run, torch::nn::Linear& network) {
  run.optimizer->zero_grad();
  network->weight.pow(2).sum().backward();
  set_learning_rate(*run.optimizer, 0.01);
  run.optimizer->step();
  update_ema(run.ema, *network);
  ++run.step;
}

TEST(RunState, GoesOnAsIfNothingHadHappened) {
  torch::nn::Linear a(3, 2), b(3, 2);
  RunState first = state_of(a), second = state_of(b);
  for (int i = 0; i < 3; ++i) update(first, a);
  first.best_score = 0.1234567890123;
  restore(second, checkpoint_of(first), "last");
  EXPECT_EQ(second.step, 3);
  EXPECT_EQ(second.best_score, first.best_score);
  EXPECT_EQ(restart_factor(second), 1);
  update(first, a);
  update(second, b);
  EXPECT_TRUE(torch::equal(a->weight, b->weight));
  const auto expected = checkpoint_of(first), found = checkpoint_of(second);
  EXPECT_EQ(found.state, expected.state);
  for (const auto& [name, tensor] : expected.average)
    EXPECT_TRUE(torch::equal(tensor, found.average.at(name))) << name;
  for (const auto& [name, tensor] : expected.optimizer)
    EXPECT_TRUE(torch::equal(tensor, found.optimizer.at(name))) << name;
}

// A checkpoint within the warm-up goes on within it.
TEST(RunState, WithoutMomentsTheLearningRateWarmsUp) {
  torch::nn::Linear a(3, 2), b(3, 2), c(3, 2);
  RunState first = state_of(a), second = state_of(b), third = state_of(c);
  update(first, a);
  auto checkpoint = checkpoint_of(first);
  checkpoint.optimizer.clear();
  restore(second, checkpoint, "export");
  EXPECT_DOUBLE_EQ(restart_factor(second), 1.0 / kRestartSteps);
  for (int64_t i = 0; i < kRestartSteps; ++i) {
    EXPECT_DOUBLE_EQ(restart_factor(second), (i + 1.0) / kRestartSteps);
    if (i == 30) {
      restore(third, checkpoint_of(second), "last");
      EXPECT_DOUBLE_EQ(restart_factor(third), restart_factor(second));
    }
    update(second, b);
  }
  EXPECT_EQ(restart_factor(second), 1);
}

TEST(RunState, OtherOptionsAreNamed) {
  torch::nn::Linear a(3, 2);
  RunState run = state_of(a);
  update(run, a);
  const auto checkpoint = checkpoint_of(run);
  run.options["width"] = 4;
  try {
    restore(run, checkpoint, "runs/last.safetensors");
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("runs/last.safetensors"), std::string::npos) << text;
    EXPECT_NE(text.find("'width' was 3 and now is 4"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace dmcvr
