// SPDX-License-Identifier: Apache-2.0
// What a solver knows of a network: a function that names the noise in x_t.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>

namespace dmcvr {

// ε(x_t, t). x_t: [N, ...]; t: [N], timesteps of the training schedule as real numbers, float32
// (float64 where x_t is float64). Returns the shape and type of x_t.
using Epsilon = std::function<torch::Tensor(const torch::Tensor& x_t, const torch::Tensor& t)>;

// Called after each step with the steps done, their total and the state that the step led to.
using OnStep = std::function<void(int64_t done, int64_t total, const torch::Tensor& x)>;

// The time argument of an Epsilon: t for every item of x.
inline torch::Tensor time_of_batch(const torch::Tensor& x, double t) {
  return torch::full(
      {x.size(0)}, t,
      x.options().dtype(x.dtype() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32));
}

}  // namespace dmcvr
