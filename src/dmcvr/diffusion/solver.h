// SPDX-License-Identifier: Apache-2.0
// One door to the solvers: an image becomes its stochastic code x_T and comes back, by choice of a
// word.
#pragma once

#include "dmcvr/diffusion/epsilon.h"

#include <nlohmann/json.hpp>

namespace dmcvr {

enum class Solver {
  reference,  // reference_ddim.h: as published, with clipping to [−1, 1]
  ddim,       // ddim.h: first order
  dpm,        // dpm_solver.h: second order
};

NLOHMANN_JSON_SERIALIZE_ENUM(Solver, {{Solver::reference, "reference"},
                                      {Solver::ddim, "ddim"},
                                      {Solver::dpm, "dpm"}})

constexpr int64_t kPublishedNodes = 100;  // of the reference, in the paper

struct SolverOptions {
  Solver solver = Solver::dpm;
  // ddim, dpm: noise levels evenly spaced in ln σ̄, 2 to 1000; each way takes one evaluation less.
  // reference: evaluations each way, one of the 62 counts of respaced_counts().
  int64_t nodes = 10;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SolverOptions, solver, nodes)

// Where sampling begins that does not begin at x_T: a picture under some noise (Meng et al.,
// SDEdit, ICLR 2022).
struct NoisedPicture {
  torch::Tensor x_0;    // the shape and range of the pictures that come out
  torch::Tensor noise;  // the same shape, of unit variance or less
  double sigma_bar = 1;
};

// Network evaluations per image and direction.
int64_t evaluations(const SolverOptions& options);

// x_T from x_0 and back, on the linear schedule of 1000 timesteps. x_0: [N, 1, H, W] in the value
// range of the network; x_T: the same shape, near unit variance. Work is done in the type of x_0
// (float32 for the reference). Gradients are not recorded.
torch::Tensor invert(const torch::Tensor& x_0, const Epsilon& eps, const SolverOptions& options,
                     const OnStep& on_step = {});
torch::Tensor sample(const torch::Tensor& x_T, const Epsilon& eps, const SolverOptions& options,
                     const OnStep& on_step = {});

// The picture at the end of the way from x_0 + sigma_bar noise, in units of the clean image. Steps
// in ln σ̄ are at most those of `sample`, so that there are fewer. Throws Error for the solver
// `reference`, which knows timesteps alone, and for a level outside the schedule.
torch::Tensor sample_from(const NoisedPicture& start, const Epsilon& eps,
                          const SolverOptions& options, const OnStep& on_step = {});

// Network evaluations of sample_from per image.
int64_t evaluations_from(double sigma_bar, const SolverOptions& options);

}  // namespace dmcvr
