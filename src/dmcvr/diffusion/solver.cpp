// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/solver.h"

#include "dmcvr/core/error.h"
#include "dmcvr/diffusion/ddim.h"
#include "dmcvr/diffusion/dpm_solver.h"
#include "dmcvr/diffusion/reference_ddim.h"
#include "dmcvr/diffusion/schedule.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// From the clean end up to sigma_bar, evenly in ln σ̄, at least as dense as log_sigma_nodes.
Nodes nodes_below(double sigma_bar, const SolverOptions& options) {
  const auto schedule = linear_schedule();
  const double first = sigma_bar_at(schedule, 0),
               last = sigma_bar_at(schedule, static_cast<double>(schedule.steps() - 1));
  if (options.solver == Solver::reference)
    throw Error(
        "solver reference: begins at x_T, as the method dmcvr does; ddim and dpm can begin "
        "elsewhere");
  if (!(sigma_bar > first && sigma_bar <= last)) {
    throw Error("noise level {}: expected above {:.4f}, at most {:.1f}", sigma_bar, first, last);
  }
  const double whole = std::log(last / first), part = std::log(sigma_bar / first);
  const double most = whole / static_cast<double>(options.nodes - 1);
  const auto steps = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(part / most - 1e-9)));
  Nodes nodes;
  for (int64_t n = 0; n <= steps; ++n) {
    const double share = static_cast<double>(n) / static_cast<double>(steps);
    // The ends exactly: rounding must not leave the schedule.
    const double sigma = n == 0 ? first : n == steps ? sigma_bar : first * std::exp(share * part);
    nodes.push_back({time_at(schedule, sigma), sigma});
  }
  return nodes;
}

}  // namespace

void SolverOptions::check() const {
  if (solver == Solver::reference) {
    respace(linear_schedule(), nodes);  // says which counts exist
  } else if (nodes < 2 || nodes > 1000) {
    throw Error("nodes {}: expected 2 to 1000", nodes);
  }
}

int64_t evaluations(const SolverOptions& options) {
  return options.solver == Solver::reference ? options.nodes : options.nodes - 1;
}

torch::Tensor invert(const torch::Tensor& x_0, const Epsilon& eps, const SolverOptions& options,
                     const OnStep& on_step) {
  const at::NoGradGuard no_gradients;
  options.check();
  const auto schedule = linear_schedule();
  if (options.solver == Solver::reference) {
    return reference_ddim_invert(x_0, eps, {respace(schedule, options.nodes), true}, on_step);
  }
  const auto nodes = log_sigma_nodes(schedule, options.nodes);
  return options.solver == Solver::ddim ? ddim_invert(x_0, eps, nodes, on_step)
                                        : dpm_invert(x_0, eps, nodes, on_step);
}

torch::Tensor sample(const torch::Tensor& x_T, const Epsilon& eps, const SolverOptions& options,
                     const OnStep& on_step) {
  const at::NoGradGuard no_gradients;
  options.check();
  const auto schedule = linear_schedule();
  if (options.solver == Solver::reference) {
    return reference_ddim_sample(x_T, eps, {respace(schedule, options.nodes), true}, on_step);
  }
  const auto nodes = log_sigma_nodes(schedule, options.nodes);
  return options.solver == Solver::ddim ? ddim_sample(x_T, eps, nodes, on_step)
                                        : dpm_sample(x_T, eps, nodes, on_step);
}

torch::Tensor sample_from(const NoisedPicture& start, const Epsilon& eps,
                          const SolverOptions& options, const OnStep& on_step) {
  const at::NoGradGuard no_gradients;
  options.check();
  const auto nodes = nodes_below(start.sigma_bar, options);
  const auto x =
      std::sqrt(alpha_bar(start.sigma_bar)) * (start.x_0 + start.sigma_bar * start.noise);
  return options.solver == Solver::ddim ? ddim_sample(x, eps, nodes, on_step)
                                        : dpm_sample(x, eps, nodes, on_step);
}

int64_t evaluations_from(double sigma_bar, const SolverOptions& options) {
  return static_cast<int64_t>(nodes_below(sigma_bar, options).size()) - 1;
}

}  // namespace dmcvr
