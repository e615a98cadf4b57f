// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/loss.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(LossProperty, TheRightNoiseGivesTheCleanImageBack) {
  const auto schedule = linear_schedule();
  const auto x_0 = test::golden_input("loss.x0", {4, 1, 8, 8}).to(torch::kFloat64);
  const auto eps = test::golden_input("loss.eps", {4, 1, 8, 8}, std::sqrt(3.0)).to(torch::kFloat64);
  const auto t = torch::tensor({int64_t{0}, int64_t{3}, int64_t{750}, int64_t{999}});
  const auto x_t = q_sample(x_0, t, eps, schedule);
  EXPECT_TRUE(predicted_x_0(x_t, t, eps, schedule).allclose(x_0, 0, 1e-11));
}

TEST(Loss, EveryItemHasItsOwnNoiseLevel) {
  const auto schedule = linear_schedule();
  const auto ones = torch::ones({2, 1, 2, 2}, torch::kFloat64), none = torch::zeros_like(ones);
  const auto t = torch::tensor({int64_t{10}, int64_t{600}});
  const auto signal = q_sample(ones, t, none, schedule), noise = q_sample(none, t, ones, schedule);
  for (int64_t n = 0; n < 2; ++n) {
    const double level = schedule.alpha_bar[t[n].item<int64_t>()];
    EXPECT_NEAR(signal[n].max().item<double>(), std::sqrt(level), 1e-15);
    EXPECT_NEAR(noise[n].min().item<double>(), std::sqrt(1 - level), 1e-15);
  }
}

TEST(Loss, IsTheMeanSquareOfEachItem) {
  const auto eps = torch::zeros({2, 1, 2, 2});
  const auto predicted =
      torch::tensor({{1.f, 1.f, 1.f, 1.f}, {0.f, 0.f, 0.f, 4.f}}).view({2, 1, 2, 2});
  EXPECT_TRUE(prediction_loss(predicted, eps).equal(torch::tensor({1.f, 4.f})));
  EXPECT_EQ(prediction_loss(predicted.to(torch::kHalf), eps).scalar_type(), torch::kFloat32);
}

TEST(Loss, GradientReachesThePrediction) {
  const auto predicted = torch::ones({3, 1, 2, 2}).requires_grad_();
  prediction_loss(predicted, torch::zeros({3, 1, 2, 2})).mean().backward();
  EXPECT_TRUE(predicted.grad().allclose(torch::full({3, 1, 2, 2}, 2.0 / 12)));
}

TEST(Loss, ShapesAndTimestepsThatDoNotFitAreRefused) {
  const auto x = torch::zeros({2, 1, 4, 4});
  const auto t = torch::zeros({2}, torch::kInt64);
  EXPECT_THROW(q_sample(x, t, torch::zeros({1, 1, 4, 4}), linear_schedule()), c10::Error);
  EXPECT_THROW(q_sample(x, torch::zeros({3}, torch::kInt64), x, linear_schedule()), c10::Error);
  EXPECT_THROW(prediction_loss(x, torch::zeros({2, 1, 4, 5})), c10::Error);
}

}  // namespace
}  // namespace dmcvr
