// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/velocity.h"

#include "dmcvr/diffusion/loss.h"

#include <cmath>
#include <vector>

namespace dmcvr {

torch::Tensor velocity(const torch::Tensor& x_0, const torch::Tensor& t, const torch::Tensor& eps,
                       const Schedule& schedule) {
  return q_sample(eps, t, -x_0, schedule);
}

torch::Tensor epsilon_from_velocity(const torch::Tensor& v, const torch::Tensor& x_t,
                                    const torch::Tensor& t, const Schedule& schedule) {
  TORCH_CHECK(v.sizes() == x_t.sizes(), "epsilon_from_velocity: shapes ", v.sizes(), " and ",
              x_t.sizes(), " differ");
  TORCH_CHECK(t.dim() == 1 && (t.size(0) == 1 || t.size(0) == x_t.size(0)),
              "epsilon_from_velocity: ", t.sizes(), " times for ", x_t.sizes());
  const auto times = t.to(torch::kCPU, torch::kFloat64).contiguous();
  auto signal = torch::empty_like(times), noise = torch::empty_like(times);
  for (int64_t n = 0; n < times.size(0); ++n) {
    const double level = alpha_bar(sigma_bar_at(schedule, times.data_ptr<double>()[n]));
    signal.data_ptr<double>()[n] = std::sqrt(level);
    noise.data_ptr<double>()[n] = std::sqrt(1 - level);
  }
  std::vector<int64_t> shape(x_t.dim(), 1);
  shape[0] = times.size(0);
  const auto as_factor = [&](const torch::Tensor& values) {
    return values.to(x_t.scalar_type()).to(x_t.device()).view(shape);
  };
  return as_factor(noise) * x_t + as_factor(signal) * v;
}

}  // namespace dmcvr
