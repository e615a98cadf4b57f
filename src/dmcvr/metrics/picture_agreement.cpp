// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/picture_agreement.h"

#include <c10/util/Exception.h>

#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

constexpr double kNoAgreement = std::numeric_limits<double>::quiet_NaN();

void check_same_shape(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& mask) {
  TORCH_CHECK(
      a.sizes() == b.sizes() && a.sizes() == mask.sizes() && mask.scalar_type() == torch::kBool,
      "picture agreement: shapes ", a.sizes(), ", ", b.sizes(), " and a mask of ", mask.sizes());
}

// Gradients at the pixels of `where` [H - 2, W - 2], central differences: [N, 2], divided as the
// header says; undefined for a flat picture.
torch::Tensor normalized_gradients(const torch::Tensor& picture, const torch::Tensor& where) {
  const auto values = picture.to(torch::kFloat64);
  const int64_t height = values.size(0), width = values.size(1);
  const auto cut = [&](int64_t row, int64_t column) {
    return values.narrow(0, row, height - 2).narrow(1, column, width - 2).masked_select(where);
  };
  const auto gradient = torch::stack({cut(1, 2) - cut(1, 0), cut(2, 1) - cut(0, 1)}, 1);  // [N, 2]
  const auto squared = gradient.square().sum(1, true);                                    // [N, 1]
  const auto noise = squared.sqrt().mean();
  return noise.item<double>() > 0 ? gradient / (squared + noise.square()).sqrt() : torch::Tensor();
}

}  // namespace

double normalized_correlation(const torch::Tensor& a, const torch::Tensor& b,
                              const torch::Tensor& mask) {
  check_same_shape(a, b, mask);
  const auto deviations = [&](const torch::Tensor& picture) {
    const auto values = picture.masked_select(mask).to(torch::kFloat64);
    return values - values.mean();
  };
  const auto u = deviations(a), v = deviations(b);
  const double scale = std::sqrt(u.square().sum().item<double>() * v.square().sum().item<double>());
  return u.numel() > 1 && scale > 0 ? (u * v).sum().item<double>() / scale : kNoAgreement;
}

double edge_agreement(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& mask) {
  check_same_shape(a, b, mask);
  TORCH_CHECK(a.dim() == 2, "edge_agreement: ", a.sizes(), " is not [H, W]");
  const int64_t height = a.size(0), width = a.size(1);
  if (height < 3 || width < 3) return kNoAgreement;
  const auto cut = [&](int64_t row, int64_t column) {
    return mask.narrow(0, row, height - 2).narrow(1, column, width - 2);
  };
  const auto where = cut(1, 1) & cut(0, 1) & cut(2, 1) & cut(1, 0) & cut(1, 2);
  if (!where.any().item<bool>()) return kNoAgreement;

  const auto n_a = normalized_gradients(a, where), n_b = normalized_gradients(b, where);
  if (!n_a.defined() || !n_b.defined()) return kNoAgreement;
  const auto fourth_powers = [](const torch::Tensor& n) {
    return n.square().sum(1).square().sum().item<double>();
  };
  const double common = (n_a * n_b).sum(1).square().sum().item<double>();
  return common / std::sqrt(fourth_powers(n_a) * fourth_powers(n_b));
}

}  // namespace dmcvr
