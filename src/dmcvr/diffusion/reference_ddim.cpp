// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/reference_ddim.h"

#include <cmath>

namespace dmcvr {
namespace {

// One step from level i of the schedule to the level alpha_bar_to, upward or downward.
torch::Tensor reference_step(const torch::Tensor& x, const Epsilon& eps, const ReferenceDdim& ddim,
                             int64_t i, double alpha_bar_to) {
  // Tables in float64, then cast; the roots of the level stepped to in float32.
  const double alpha_bar_i = ddim.schedule.alpha_bar[i];
  const auto scale = static_cast<float>(std::sqrt(1 / alpha_bar_i));
  const auto noise = static_cast<float>(std::sqrt(1 / alpha_bar_i - 1));
  const auto level = static_cast<float>(alpha_bar_to);
  const float root = std::sqrt(level), rest = std::sqrt(1 - level);

  // x̂_0 (Eq. 2), and the ε that agrees with it after clipping.
  const auto named = eps(x, time_of_batch(x, static_cast<double>(ddim.schedule.timesteps[i])));
  const auto scaled = scale * x;
  auto x_0 = scaled - noise * named;
  if (ddim.clip) x_0 = x_0.clamp(-1, 1);
  const auto derived = (scaled - x_0) / noise;

  return root * x_0 + rest * derived;  // Eq. 1 and 3
}

}  // namespace

torch::Tensor reference_ddim_sample(const torch::Tensor& x_T, const Epsilon& eps,
                                    const ReferenceDdim& ddim, const OnStep& on_step) {
  const int64_t steps = ddim.schedule.steps();
  auto x = x_T.to(torch::kFloat32);
  for (int64_t i = steps - 1; i >= 0; --i) {
    x = reference_step(x, eps, ddim, i, i > 0 ? ddim.schedule.alpha_bar[i - 1] : 1);
    if (on_step) on_step(steps - i, steps, x);
  }
  return x;
}

torch::Tensor reference_ddim_invert(const torch::Tensor& x_0, const Epsilon& eps,
                                    const ReferenceDdim& ddim, const OnStep& on_step) {
  const int64_t steps = ddim.schedule.steps();
  auto x = x_0.to(torch::kFloat32);
  for (int64_t i = 0; i < steps; ++i) {
    x = reference_step(x, eps, ddim, i, i + 1 < steps ? ddim.schedule.alpha_bar[i + 1] : 0);
    if (on_step) on_step(i + 1, steps, x);
  }
  return x;
}

}  // namespace dmcvr
