// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/normalization_gradient.h"

#include "support.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/normalization.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

struct GradientLeaves {
  torch::Tensor x, scale, shift;
};

GradientLeaves gradient_leaves(int64_t items, int64_t channels, at::ScalarType dtype) {
  const auto wide = torch::kFloat64;
  return {
      (test::golden_input("x", {items, channels, 9, 7}, 2, 1).to(dtype).to(wide)).requires_grad_(),
      test::golden_input("scale", {items, channels}).to(wide).requires_grad_(),
      test::golden_input("shift", {items, channels}).to(wide).requires_grad_()};
}

// The definition, in float64.
torch::Tensor defined_silu(const GradientLeaves& leaves, int64_t groups) {
  const auto n = torch::nn::functional::group_norm(
      leaves.x, torch::nn::functional::GroupNormFuncOptions(groups));
  return torch::silu(n * leaves.scale.unsqueeze(-1).unsqueeze(-1) +
                     leaves.shift.unsqueeze(-1).unsqueeze(-1));
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b).abs().max().item<double>();
}

}  // namespace

TEST(NormalizedSiluProperty, HasTheValueAndTheGradientOfItsDefinition) {
  for (const auto& [channels, groups] :
       {std::pair{8, 1}, std::pair{24, 8}, std::pair{32, 32}, std::pair{96, 8}}) {
    for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
      for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
        auto exact = gradient_leaves(3, channels, dtype);
        const auto weight = test::golden_input("weight", exact.x.sizes()).to(dtype);
        const auto expected = defined_silu(exact, groups);
        expected.backward(weight.to(torch::kFloat64));

        const auto x = exact.x.detach().to(dtype).contiguous(format).requires_grad_();
        const auto scale = exact.scale.detach().to(torch::kFloat32).requires_grad_();
        const auto shift = exact.shift.detach().to(torch::kFloat32).requires_grad_();
        const auto y = normalized_silu(x, scale, shift, groups);
        y.backward(weight);
        EXPECT_TRUE(y.is_contiguous(format));
        EXPECT_EQ(y.scalar_type(), dtype);

        // bfloat16 rounds results at 2^-9 relative; the sums of 63 pixels are not rounded to it.
        const bool is_half = dtype == torch::kBFloat16;
        EXPECT_LT(largest_difference(y, expected.detach()), is_half ? 2e-2 : 5e-6);
        EXPECT_LT(largest_difference(x.grad(), exact.x.grad()), is_half ? 2e-2 : 5e-6);
        EXPECT_LT(largest_difference(scale.grad(), exact.scale.grad()), is_half ? 1e-3 : 5e-5);
        EXPECT_LT(largest_difference(shift.grad(), exact.shift.grad()), is_half ? 1e-3 : 5e-5);
      }
    }
  }
}

TEST(NormalizedSilu, TakesOnlyWhatItIsMadeFor) {
  EXPECT_TRUE(has_normalized_silu(torch::zeros({1, 8, 2, 2})));
  EXPECT_FALSE(has_normalized_silu(torch::zeros({1, 6, 2, 2})));
  EXPECT_FALSE(has_normalized_silu(torch::zeros({1, 8, 2, 2}, torch::kFloat64)));
  EXPECT_FALSE(has_normalized_silu(torch::zeros({0, 8, 2, 2})));
  EXPECT_THROW(
      normalized_silu(torch::zeros({1, 8, 2, 2}), torch::ones({1, 4}), torch::zeros({1, 4}), 1),
      c10::Error);
}

}  // namespace dmcvr
