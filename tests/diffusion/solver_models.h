// SPDX-License-Identifier: Apache-2.0
// Epsilons with known answers, for the tests of the solvers.
#pragma once

#include "support.h"

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/diffusion/schedule.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace dmcvr::test {

// Images of 64×64 pixels, Gaussian, with power spectrum f^−2.5 and pixel variance 0.06. They are
// handled as coefficients of an orthonormal real Fourier basis, where the best ε is a factor for
// each coefficient: x_t has variance ᾱ P + 1 − ᾱ, so that ε = √(1 − ᾱ) x_t / (ᾱ P + 1 − ᾱ). Errors
// keep their size under the change of basis.
struct GaussianImages {
  static constexpr int64_t kSide = 64;
  static constexpr double kPixelVariance = 0.06;
  Schedule schedule = linear_schedule();
  torch::Tensor power;  // [1, 1, 64, 64], mean 0.06

  GaussianImages() {
    power = torch::empty({1, 1, kSide, kSide}, torch::kFloat64);
    auto values = power.accessor<double, 4>();
    for (int64_t v = 0; v < kSide; ++v) {
      for (int64_t u = 0; u < kSide; ++u) {
        // Frequencies of the discrete transform; the mean gets the power of the lowest one.
        const double f = std::hypot(std::min(v, kSide - v), std::min(u, kSide - u));
        values[0][0][v][u] = std::pow(std::max(f, 1.0), -2.5);
      }
    }
    power *= kPixelVariance / power.mean();
  }

  // `count` images from unit noise [count, 1, 64, 64] (any noise of unit variance).
  torch::Tensor images(const torch::Tensor& noise) const {
    return noise.to(torch::kFloat64) * power.sqrt();
  }

  Epsilon epsilon() const {
    return [this](const torch::Tensor& x_t, const torch::Tensor& t) {
      const double level = alpha_bar(sigma_bar_at(schedule, t[0].item<double>()));
      return std::sqrt(1 - level) * x_t / (level * power + (1 - level));
    };
  }
};

// −10 log10 of the mean square, for images of range 1.
inline double psnr_db(const torch::Tensor& a, const torch::Tensor& b) {
  return -10 * std::log10((a - b).square().mean().item<double>());
}

using Solve =
    std::function<torch::Tensor(const torch::Tensor&, const Epsilon&, const Nodes&, const OnStep&)>;

// PSNR of the way up and down over `count` log-σ nodes.
inline double round_trip_db(const Solve& invert, const Solve& sample, int64_t count) {
  const GaussianImages model;
  const auto noise = torch::sign(golden_input("gaussian.images", {2, 1, 64, 64}));
  const auto x_0 = model.images(noise);
  const auto nodes = log_sigma_nodes(model.schedule, count);
  const auto eps = model.epsilon();
  return psnr_db(sample(invert(x_0, eps, nodes, {}), eps, nodes, {}), x_0);
}

// The ε of the golden toy loops: 0.7 tanh x + 0.2 cos(0.01 t).
inline torch::Tensor toy_epsilon(const torch::Tensor& x_t, const torch::Tensor& t) {
  return 0.7 * x_t.tanh() + 0.2 * (0.01 * t).cos().view({-1, 1, 1, 1});
}

}  // namespace dmcvr::test
