// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/dpm_solver.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// x̄ at the last of the given nodes from x̄ at the first, in either direction.
torch::Tensor multistep(torch::Tensor x_bar, const Epsilon& eps, const Nodes& nodes,
                        const OnStep& on_step) {
  TORCH_CHECK(nodes.size() >= 2, "dpm_solver: at least 2 nodes are needed");
  const auto steps = static_cast<int64_t>(nodes.size()) - 1;
  torch::Tensor before;  // D at the node before
  double h_before = 0;
  for (int64_t i = 0; i < steps; ++i) {
    const Node& from = nodes[i];
    const Node& to = nodes[i + 1];
    const double ratio = to.sigma_bar / from.sigma_bar;  // e^{−h}
    const double h = -std::log(ratio);

    // The clean image as seen from here, extrapolated along the last step.
    const auto x = std::sqrt(alpha_bar(from.sigma_bar)) * x_bar;
    const auto clean = x_bar - from.sigma_bar * eps(x, time_of_batch(x, from.t));
    const double weight = before.defined() ? h / (2 * h_before) : 0;  // 1 / (2r)
    const auto extrapolated = before.defined() ? (1 + weight) * clean - weight * before : clean;

    x_bar = ratio * x_bar - (ratio - 1) * extrapolated;
    before = clean;
    h_before = h;
    if (on_step) on_step(i + 1, steps, std::sqrt(alpha_bar(to.sigma_bar)) * x_bar);
  }
  return x_bar;
}

}  // namespace

torch::Tensor dpm_sample(const torch::Tensor& x_T, const Epsilon& eps, const Nodes& nodes,
                         const OnStep& on_step) {
  const Nodes downward(nodes.rbegin(), nodes.rend());
  return multistep(x_T / std::sqrt(alpha_bar(nodes.back().sigma_bar)), eps, downward, on_step);
}

torch::Tensor dpm_invert(const torch::Tensor& x_0, const Epsilon& eps, const Nodes& nodes,
                         const OnStep& on_step) {
  return std::sqrt(alpha_bar(nodes.back().sigma_bar)) * multistep(x_0, eps, nodes, on_step);
}

}  // namespace dmcvr
