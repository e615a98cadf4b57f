// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/loss.h"

#include <cmath>
#include <vector>

namespace dmcvr {
namespace {

// coefficient(ᾱ_t) per item, [N, 1, ...], computed in float64 and brought to the type and rank of
// x.
template <typename Coefficient>
torch::Tensor per_item(const Coefficient& coefficient, const torch::Tensor& t,
                       const torch::Tensor& x, const Schedule& schedule) {
  TORCH_CHECK(t.dim() == 1 && t.size(0) == x.size(0) && t.scalar_type() == torch::kInt64,
              "loss: t must hold one int64 timestep for each of the ", x.size(0), " items, not ",
              t.sizes());
  auto table = torch::empty({schedule.steps()}, torch::kFloat64);
  for (int64_t i = 0; i < schedule.steps(); ++i) {
    table.data_ptr<double>()[i] = coefficient(schedule.alpha_bar[i]);
  }
  std::vector<int64_t> shape(x.dim(), 1);
  shape[0] = x.size(0);
  return table.to(x.scalar_type()).to(x.device()).index_select(0, t.to(x.device())).view(shape);
}

}  // namespace

torch::Tensor q_sample(const torch::Tensor& x_0, const torch::Tensor& t, const torch::Tensor& eps,
                       const Schedule& schedule) {
  TORCH_CHECK(x_0.sizes() == eps.sizes(), "q_sample: shapes ", x_0.sizes(), " and ", eps.sizes(),
              " differ");
  const auto signal = per_item([](double level) { return std::sqrt(level); }, t, x_0, schedule);
  const auto noise = per_item([](double level) { return std::sqrt(1 - level); }, t, x_0, schedule);
  return signal * x_0 + noise * eps;
}

torch::Tensor predicted_x_0(const torch::Tensor& x_t, const torch::Tensor& t,
                            const torch::Tensor& eps, const Schedule& schedule) {
  TORCH_CHECK(x_t.sizes() == eps.sizes(), "predicted_x_0: shapes ", x_t.sizes(), " and ",
              eps.sizes(), " differ");
  const auto scale = per_item([](double level) { return std::sqrt(1 / level); }, t, x_t, schedule);
  const auto noise = per_item([](double level) { return sigma_bar(level); }, t, x_t, schedule);
  return scale * x_t - noise * eps;
}

torch::Tensor prediction_loss(const torch::Tensor& prediction, const torch::Tensor& target) {
  TORCH_CHECK(prediction.sizes() == target.sizes(), "prediction_loss: shapes ", prediction.sizes(),
              " and ", target.sizes(), " differ");
  const auto type = target.scalar_type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
  return (prediction.to(type) - target.to(type)).square().flatten(1).mean(1);
}

}  // namespace dmcvr
