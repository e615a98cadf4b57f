// SPDX-License-Identifier: Apache-2.0
// How much noise an image holds at each timestep: x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε (Ho et al. 2020,
// Eq. 4), and the nodes at which a solver calls the network. Timesteps count from 0 to 999, as in
// the reference, where the paper writes 1 to T.
#pragma once

#include <cstdint>
#include <vector>

namespace dmcvr {

// A value made by the functions below and not changed afterwards. All tables run from clean to
// noisy.
struct Schedule {
  std::vector<int64_t> timesteps;  // of the training schedule
  std::vector<double> betas;       // β_i = 1 − ᾱ_i / ᾱ_{i−1}
  std::vector<double> alpha_bar;   // ᾱ_i, decreasing

  int64_t steps() const { return static_cast<int64_t>(alpha_bar.size()); }
};

// β linear from first to last: what the network is trained with.
Schedule linear_schedule(int64_t steps = 1000, double first_beta = 1e-4, double last_beta = 0.02);

// The reference's "ddimK": timesteps 0, s, 2s, … with the smallest stride s that gives `count` of
// them. Only some counts exist (62 of 1000 steps); for others throws Error naming the nearest.
Schedule respace(const Schedule& schedule, int64_t count);

// The counts that respace() takes, rising.
std::vector<int64_t> respaced_counts(int64_t steps = 1000);

// Noise level in units of the clean image: σ̄ = √(1/ᾱ − 1), and back: ᾱ = 1 / (1 + σ̄²).
double sigma_bar(double alpha_bar);
double alpha_bar(double sigma_bar);

// Between the timesteps ln σ̄ is linear in t. Both throw Error outside the schedule.
double sigma_bar_at(const Schedule& schedule, double t);
double time_at(const Schedule& schedule, double sigma_bar);

// Where a solver stops on its way, from clean to noisy.
struct Node {
  double t = 0;  // real-valued timestep
  double sigma_bar = 0;
};
using Nodes = std::vector<Node>;

// `count` ≥ 2 nodes evenly spaced in ln σ̄ from the first level of the schedule to the last.
Nodes log_sigma_nodes(const Schedule& schedule, int64_t count);

// The timesteps of a schedule as nodes.
Nodes timestep_nodes(const Schedule& schedule);

}  // namespace dmcvr
