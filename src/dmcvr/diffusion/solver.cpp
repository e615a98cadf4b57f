// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/solver.h"

#include "dmcvr/core/error.h"
#include "dmcvr/diffusion/ddim.h"
#include "dmcvr/diffusion/dpm_solver.h"
#include "dmcvr/diffusion/reference_ddim.h"
#include "dmcvr/diffusion/schedule.h"

#include <ATen/core/grad_mode.h>

namespace dmcvr {

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

}  // namespace dmcvr
