// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/ddim.h"

#include <cmath>

namespace dmcvr {
namespace {

// x̄' = x̄ + (σ̄' − σ̄) ε, written in x = √ᾱ x̄.
torch::Tensor euler_step(const torch::Tensor& x, const Epsilon& eps, const Node& from,
                         const Node& to) {
  const double root_from = std::sqrt(alpha_bar(from.sigma_bar));
  const double root_to = std::sqrt(alpha_bar(to.sigma_bar));
  const auto named = eps(x, time_of_batch(x, from.t));
  return (root_to / root_from) * x + (root_to * (to.sigma_bar - from.sigma_bar)) * named;
}

}  // namespace

torch::Tensor ddim_sample(const torch::Tensor& x_T, const Epsilon& eps, const Nodes& nodes,
                          const OnStep& on_step) {
  TORCH_CHECK(nodes.size() >= 2, "ddim_sample: at least 2 nodes are needed");
  const auto steps = static_cast<int64_t>(nodes.size()) - 1;
  auto x = x_T;
  for (int64_t i = steps; i > 0; --i) {
    x = euler_step(x, eps, nodes[i], nodes[i - 1]);
    if (on_step) on_step(steps - i + 1, steps, x);
  }
  return x / std::sqrt(alpha_bar(nodes.front().sigma_bar));
}

torch::Tensor ddim_invert(const torch::Tensor& x_0, const Epsilon& eps, const Nodes& nodes,
                          const OnStep& on_step) {
  TORCH_CHECK(nodes.size() >= 2, "ddim_invert: at least 2 nodes are needed");
  const auto steps = static_cast<int64_t>(nodes.size()) - 1;
  auto x = std::sqrt(alpha_bar(nodes.front().sigma_bar)) * x_0;
  for (int64_t i = 0; i < steps; ++i) {
    x = euler_step(x, eps, nodes[i], nodes[i + 1]);
    if (on_step) on_step(i + 1, steps, x);
  }
  return x;
}

}  // namespace dmcvr
