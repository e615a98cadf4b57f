// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/schedule.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace dmcvr {
namespace {

// The reach of one count: ceil(steps / stride) timesteps.
int64_t count_of_stride(int64_t steps, int64_t stride) {
  return (steps + stride - 1) / stride;
}

// Levels computed from a table differ from it by rounding.
constexpr double kLevelTolerance = 1e-9;

}  // namespace

Schedule linear_schedule(int64_t steps, double first_beta, double last_beta) {
  if (steps < 2) throw Error("schedule of {} steps: at least 2 are needed", steps);
  if (!(first_beta > 0 && first_beta <= last_beta && last_beta < 1)) {
    throw Error("betas {} to {}: expected 0 < first <= last < 1", first_beta, last_beta);
  }
  Schedule schedule;
  const double increment = (last_beta - first_beta) / static_cast<double>(steps - 1);
  double product = 1;
  for (int64_t t = 0; t < steps; ++t) {
    const double beta =
        t == steps - 1 ? last_beta : first_beta + increment * static_cast<double>(t);
    product *= 1 - beta;
    schedule.timesteps.push_back(t);
    schedule.betas.push_back(beta);
    schedule.alpha_bar.push_back(product);
  }
  return schedule;
}

std::vector<int64_t> respaced_counts(int64_t steps) {
  std::set<int64_t> counts;
  for (int64_t stride = 1; stride < steps; ++stride) counts.insert(count_of_stride(steps, stride));
  return {counts.begin(), counts.end()};
}

Schedule respace(const Schedule& schedule, int64_t count) {
  const int64_t steps = schedule.steps();
  const auto legal = respaced_counts(steps);
  if (!std::binary_search(legal.begin(), legal.end(), count)) {
    const auto nearest = *std::min_element(legal.begin(), legal.end(), [&](int64_t a, int64_t b) {
      return std::abs(a - count) < std::abs(b - count);
    });
    throw Error(
        "{} reference steps: no even stride over {} timesteps gives that count; the nearest is {}",
        count, steps, nearest);
  }
  int64_t stride = 1;
  while (count_of_stride(steps, stride) != count) ++stride;

  Schedule respaced;
  double previous = 1;
  for (int64_t i = 0; i < steps; i += stride) {
    const double level = schedule.alpha_bar[i];
    respaced.timesteps.push_back(schedule.timesteps[i]);
    respaced.betas.push_back(1 - level / previous);
    respaced.alpha_bar.push_back(level);
    previous = level;
  }
  return respaced;
}

double sigma_bar(double alpha_bar) {
  return std::sqrt(1 / alpha_bar - 1);
}

double alpha_bar(double sigma_bar) {
  return 1 / (1 + sigma_bar * sigma_bar);
}

double sigma_bar_at(const Schedule& schedule, double t) {
  const auto& times = schedule.timesteps;
  if (!(t >= times.front() && t <= times.back())) {
    throw Error("timestep {} is outside the schedule, {} to {}", t, times.front(), times.back());
  }
  const auto above = std::upper_bound(times.begin(), times.end() - 1, t);
  const auto i = std::max<int64_t>(above - times.begin(), 1);
  const double low = std::log(sigma_bar(schedule.alpha_bar[i - 1]));
  const double high = std::log(sigma_bar(schedule.alpha_bar[i]));
  const auto start = static_cast<double>(times[i - 1]);
  const double fraction = (t - start) / (static_cast<double>(times[i]) - start);
  return std::exp(low + fraction * (high - low));
}

double time_at(const Schedule& schedule, double sigma_bar_wanted) {
  const auto& levels = schedule.alpha_bar;
  const double first = sigma_bar(levels.front()), last = sigma_bar(levels.back());
  if (!(sigma_bar_wanted >= first * (1 - kLevelTolerance) &&
        sigma_bar_wanted <= last * (1 + kLevelTolerance))) {
    throw Error("noise level {} is outside the schedule, {} to {}", sigma_bar_wanted, first, last);
  }
  // The first tabled level above the wanted one ends the interval.
  const auto above =
      std::upper_bound(levels.begin(), levels.end() - 1, sigma_bar_wanted,
                       [](double wanted, double level) { return wanted < sigma_bar(level); });
  const auto i = std::max<int64_t>(above - levels.begin(), 1);
  const double low = std::log(sigma_bar(levels[i - 1])), high = std::log(sigma_bar(levels[i]));
  const double fraction = std::clamp((std::log(sigma_bar_wanted) - low) / (high - low), 0.0, 1.0);
  const auto start = static_cast<double>(schedule.timesteps[i - 1]);
  return start + fraction * (static_cast<double>(schedule.timesteps[i]) - start);
}

Nodes log_sigma_nodes(const Schedule& schedule, int64_t count) {
  if (count < 2) throw Error("{} nodes: a solver needs at least 2", count);
  const double low = std::log(sigma_bar(schedule.alpha_bar.front()));
  const double high = std::log(sigma_bar(schedule.alpha_bar.back()));
  Nodes nodes;
  for (int64_t i = 0; i < count; ++i) {
    const double fraction = static_cast<double>(i) / static_cast<double>(count - 1);
    const double level = std::exp(low + fraction * (high - low));
    nodes.push_back({time_at(schedule, level), level});
  }
  return nodes;
}

Nodes timestep_nodes(const Schedule& schedule) {
  Nodes nodes;
  for (int64_t i = 0; i < schedule.steps(); ++i) {
    nodes.push_back({static_cast<double>(schedule.timesteps[i]), sigma_bar(schedule.alpha_bar[i])});
  }
  return nodes;
}

}  // namespace dmcvr
