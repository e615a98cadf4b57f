// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/normalization.h"

#include "dmcvr/models/normalization_gradient.h"

#include <torch/nn/functional/activation.h>
#include <torch/nn/functional/normalization.h>

namespace dmcvr {
namespace {

torch::Tensor as_map(const torch::Tensor& rows) {
  return rows.unsqueeze(-1).unsqueeze(-1);
}

// scale and shift [N, C] float32 that normalization and modulation together apply to n(x).
struct ScaleAndShift {
  torch::Tensor scale, shift;
};

ScaleAndShift scale_and_shift(int64_t items, const GroupNormParameters& parameters,
                              const Modulation& modulation) {
  auto scale = parameters.weight.to(torch::kFloat32).unsqueeze(0);  // [1, C]
  auto shift = parameters.bias.to(torch::kFloat32).unsqueeze(0);
  if (modulation.time.defined()) {
    const auto halves = modulation.time.to(torch::kFloat32).chunk(2, 1);
    scale = scale * (1 + halves[0]);
    shift = shift * (1 + halves[0]) + halves[1];
  }
  if (modulation.z_scale.defined()) {
    const auto z = modulation.z_scale.to(torch::kFloat32);
    scale = scale * z;
    shift = shift * z;
  }
  return {scale.expand({items, -1}), shift.expand({items, -1})};
}

}  // namespace

torch::Tensor group_norm(const torch::Tensor& x, const GroupNormParameters& parameters) {
  const auto options = torch::nn::functional::GroupNormFuncOptions(parameters.groups)
                           .weight(parameters.weight.to(torch::kFloat32))
                           .bias(parameters.bias.to(torch::kFloat32))
                           .eps(kNormalizationEpsilon);
  return torch::nn::functional::group_norm(x.to(torch::kFloat32), options).to(x.scalar_type());
}

torch::Tensor group_norm_silu(const torch::Tensor& x, const GroupNormParameters& parameters,
                              const Modulation& modulation) {
  const int64_t channels = x.size(1);
  TORCH_CHECK(
      x.dim() == 4 && parameters.weight.numel() == channels && channels % parameters.groups == 0,
      "group_norm_silu: input ", x.sizes(), ", weight ", parameters.weight.sizes(), ", ",
      parameters.groups, " groups");

  if (has_normalized_silu(x)) {
    const auto affine = scale_and_shift(x.size(0), parameters, modulation);
    return normalized_silu(x, affine.scale, affine.shift, parameters.groups);
  }
  auto h = group_norm(x, parameters);
  if (modulation.time.defined()) {
    const auto halves = modulation.time.chunk(2, 1);
    h = h * (1 + as_map(halves[0])) + as_map(halves[1]);
  }
  if (modulation.z_scale.defined()) h = h * as_map(modulation.z_scale);
  return torch::silu(h);
}

}  // namespace dmcvr
