// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/velocity.h"

#include "support.h"

#include "dmcvr/diffusion/loss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(VelocityProperty, TheRightVelocityGivesTheNoiseBack) {
  const auto schedule = linear_schedule();
  const auto x_0 = test::golden_input("v.x0", {4, 1, 8, 8}).to(torch::kFloat64);
  const auto eps = test::golden_input("v.eps", {4, 1, 8, 8}, std::sqrt(3.0)).to(torch::kFloat64);
  const auto t = torch::tensor({int64_t{0}, int64_t{3}, int64_t{750}, int64_t{999}});
  const auto x_t = q_sample(x_0, t, eps, schedule);
  const auto v = velocity(x_0, t, eps, schedule);
  EXPECT_TRUE(
      epsilon_from_velocity(v, x_t, t.to(torch::kFloat64), schedule).allclose(eps, 0, 1e-12));
  // One time may serve all items.
  const auto last = epsilon_from_velocity(v.slice(0, 3), x_t.slice(0, 3), t.slice(0, 3), schedule);
  EXPECT_TRUE(last.allclose(eps.slice(0, 3), 0, 1e-12));
}

TEST(VelocityProperty, ItsErrorFadesInTheNoiseAsTheSignalDoes) {
  const auto schedule = linear_schedule();
  const auto x_t = torch::randn({1, 1, 4, 4}, torch::kFloat64), v = torch::randn_like(x_t);
  for (const double t : {0.0, 12.5, 500.0, 999.0}) {
    const auto time = torch::tensor({t}, torch::kFloat64);
    const auto moved = epsilon_from_velocity(v + 1, x_t, time, schedule) -
                       epsilon_from_velocity(v, x_t, time, schedule);
    const double signal = std::sqrt(alpha_bar(sigma_bar_at(schedule, t)));
    EXPECT_TRUE(moved.allclose(torch::full_like(moved, signal), 1e-12, 1e-12)) << t;
  }
}

TEST(Velocity, ShapesThatDoNotFitAreRefused) {
  const auto x = torch::zeros({2, 1, 4, 4});
  const auto schedule = linear_schedule();
  EXPECT_THROW(epsilon_from_velocity(x, torch::zeros({2, 1, 4, 5}), torch::zeros({2}), schedule),
               c10::Error);
  EXPECT_THROW(epsilon_from_velocity(x, x, torch::zeros({3}), schedule), c10::Error);
}

}  // namespace
}  // namespace dmcvr
