// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/schedule.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// Largest relative deviation from a golden float64 table.
double relative_deviation(const std::vector<double>& actual, const torch::Tensor& expected) {
  if (static_cast<int64_t>(actual.size()) != expected.numel()) return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double wanted = expected[static_cast<int64_t>(i)].item<double>();
    largest = std::max(largest, std::abs(actual[i] - wanted) / std::max(std::abs(wanted), 1e-300));
  }
  return largest;
}

TEST(ScheduleGolden, TablesOfAThousandSteps) {
  const auto golden = test::golden("schedule");
  const auto schedule = linear_schedule();
  const double beta = relative_deviation(schedule.betas, golden.at("betas_1000"));
  const double level = relative_deviation(schedule.alpha_bar, golden.at("alphas_cumprod_1000"));
  std::printf("golden schedule: %.2g (limit 1e-12)\n", std::max(beta, level));
  EXPECT_LE(beta, 1e-12);
  EXPECT_LE(level, 1e-12);
}

TEST(ScheduleGolden, RespacedTables) {
  const auto golden = test::golden("schedule");
  double largest = 0;
  for (const int64_t count : {10, 20, 50, 100, 250}) {
    const std::string prefix = "T" + std::to_string(count) + ".";
    const auto schedule = respace(linear_schedule(), count);
    ASSERT_EQ(schedule.steps(), count);
    const auto times = torch::tensor(schedule.timesteps);
    EXPECT_TRUE(times.equal(golden.at(prefix + "timestep_map"))) << count;
    std::vector<double> scale, noise;
    for (const double level : schedule.alpha_bar) {
      scale.push_back(std::sqrt(1 / level));
      noise.push_back(sigma_bar(level));
    }
    largest = std::max(
        {largest, relative_deviation(schedule.alpha_bar, golden.at(prefix + "alphas_cumprod")),
         relative_deviation(scale, golden.at(prefix + "sqrt_recip_alphas_cumprod")),
         relative_deviation(noise, golden.at(prefix + "sqrt_recipm1_alphas_cumprod"))});
    // The levels stepped to: the table shifted, with ᾱ = 1 before it and ᾱ = 0 behind it.
    std::vector<double> downward(schedule.alpha_bar), upward(schedule.alpha_bar);
    downward.insert(downward.begin(), 1.0);
    downward.pop_back();
    upward.erase(upward.begin());
    upward.push_back(0.0);
    largest =
        std::max({largest, relative_deviation(downward, golden.at(prefix + "alphas_cumprod_prev")),
                  relative_deviation(upward, golden.at(prefix + "alphas_cumprod_next"))});
  }
  std::printf("golden respaced schedules: %.2g (limit 1e-12)\n", largest);
  EXPECT_LE(largest, 1e-12);
}

TEST(ScheduleGolden, CountsThatExist) {
  const auto expected = test::golden("schedule").at("achievable_ddim_counts_of_1000");
  EXPECT_TRUE(torch::tensor(respaced_counts()).equal(expected));
}

TEST(Schedule, RespacingToAnotherCountNamesTheNearest) {
  try {
    respace(linear_schedule(), 52);
    FAIL() << "52 steps were made";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the nearest is 53"));
  }
  EXPECT_THROW(respace(linear_schedule(), 0), Error);
  EXPECT_THROW(respace(linear_schedule(), 1), Error);
}

TEST(Schedule, WrongNumbersAreRefused) {
  EXPECT_THROW(linear_schedule(1), Error);
  EXPECT_THROW(linear_schedule(1000, 0.02, 1e-4), Error);
  EXPECT_THROW(linear_schedule(1000, 0, 0.02), Error);
  EXPECT_THROW(log_sigma_nodes(linear_schedule(), 1), Error);
  EXPECT_THROW(time_at(linear_schedule(), 1e-3), Error);
  EXPECT_THROW(time_at(linear_schedule(), NAN), Error);
  EXPECT_THROW(sigma_bar_at(linear_schedule(), -0.5), Error);
  EXPECT_THROW(sigma_bar_at(linear_schedule(), 999.5), Error);
}

TEST(ScheduleProperty, SignalFallsAtEveryStep) {
  for (const int64_t count : respaced_counts()) {
    const auto schedule = respace(linear_schedule(), count);
    EXPECT_TRUE(std::is_sorted(schedule.alpha_bar.rbegin(), schedule.alpha_bar.rend()));
    EXPECT_EQ(schedule.timesteps.front(), 0);
    double product = 1;
    for (const double beta : schedule.betas) product *= 1 - beta;
    EXPECT_NEAR(product / schedule.alpha_bar.back(), 1, 1e-12);
  }
}

TEST(ScheduleProperty, TimeAndNoiseLevelAreInverse) {
  const auto schedule = linear_schedule();
  for (double t = 0; t <= 999; t += 0.37) {
    EXPECT_NEAR(time_at(schedule, sigma_bar_at(schedule, t)), t, 1e-8);
  }
  for (const double level : {0.9, 0.5, 0.1, 1e-4})
    EXPECT_NEAR(alpha_bar(sigma_bar(level)), level, 1e-15);
}

TEST(ScheduleProperty, TabledLevelsKeepTheirTimesteps) {
  const auto schedule = linear_schedule();
  for (int64_t t = 0; t < schedule.steps(); ++t) {
    EXPECT_NEAR(time_at(schedule, sigma_bar(schedule.alpha_bar[t])), static_cast<double>(t), 1e-8);
  }
}

TEST(ScheduleProperty, NodesAreEvenInLogSigmaAndReachBothEnds) {
  const auto schedule = linear_schedule();
  for (const int64_t count : {2, 3, 10, 20, 161}) {
    const auto nodes = log_sigma_nodes(schedule, count);
    ASSERT_EQ(static_cast<int64_t>(nodes.size()), count);
    EXPECT_NEAR(nodes.front().t, 0, 1e-8);
    EXPECT_NEAR(nodes.back().t, 999, 1e-8);
    EXPECT_NEAR(nodes.front().sigma_bar, sigma_bar(schedule.alpha_bar.front()), 1e-12);
    EXPECT_NEAR(nodes.back().sigma_bar, sigma_bar(schedule.alpha_bar.back()), 1e-9);
    const double step = std::log(nodes[1].sigma_bar / nodes[0].sigma_bar);
    for (size_t i = 1; i < nodes.size(); ++i) {
      EXPECT_NEAR(std::log(nodes[i].sigma_bar / nodes[i - 1].sigma_bar), step, 1e-9);
      EXPECT_GT(nodes[i].t, nodes[i - 1].t);
    }
  }
}

TEST(Schedule, TimestepsAsNodes) {
  const auto schedule = respace(linear_schedule(), 10);
  const auto nodes = timestep_nodes(schedule);
  ASSERT_EQ(nodes.size(), 10u);
  EXPECT_EQ(nodes[3].t, 300);
  EXPECT_EQ(nodes[3].sigma_bar, sigma_bar(schedule.alpha_bar[3]));
}

}  // namespace
}  // namespace dmcvr
