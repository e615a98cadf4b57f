// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/normalization.h"

#include "support.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/activation.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

struct NormCase {
  int64_t items, channels, groups, height, width;
};

struct SeparateSteps {
  torch::Tensor y;
  double rounding;  // what one float32 rounding of x, mean and slope can change in y
};

// What the header promises, in float64.
SeparateSteps separate_steps(const torch::Tensor& x, const GroupNormParameters& parameters,
                             const Modulation& modulation) {
  const auto wide = [](const torch::Tensor& tensor) { return tensor.to(torch::kFloat64); };
  const auto as_map = [&](const torch::Tensor& rows) {
    return wide(rows).unsqueeze(-1).unsqueeze(-1);
  };
  const auto grouped = wide(x).reshape({x.size(0), parameters.groups, -1});
  const auto mean = grouped.mean(2, true);
  const auto variance = (grouped - mean).square().mean(2, true);
  const auto deviation = (variance + 1e-5).sqrt();
  auto y = ((grouped - mean) / deviation).reshape(x.sizes());
  auto size = ((grouped.abs() + mean.abs()) / deviation).reshape(x.sizes());
  const auto scale_and_shift = [&](const torch::Tensor& scale, const torch::Tensor& shift) {
    y = y * scale + shift;
    size = size * scale.abs() + shift.abs();
  };
  scale_and_shift(as_map(parameters.weight.unsqueeze(0)), as_map(parameters.bias.unsqueeze(0)));
  if (modulation.time.defined()) {
    const auto halves = modulation.time.chunk(2, 1);
    scale_and_shift(1 + as_map(halves[0]), as_map(halves[1]));
  }
  if (modulation.z_scale.defined()) {
    scale_and_shift(as_map(modulation.z_scale), torch::zeros({1}, torch::kFloat64));
  }
  return {y * torch::sigmoid(y), size.max().item<double>() * 6e-8};
}

const std::vector<NormCase> kNormCases = {
    {2, 24, 8, 32, 32}, {1, 32, 32, 7, 5},  {3, 6, 1, 1, 1},    {2, 12, 4, 9, 7},
    {2, 30, 6, 16, 16}, {2, 40, 4, 65, 33}, {1, 8, 8, 100, 101}};

TEST(GroupNormSiluProperty, EqualsTheSeparateStepsInEveryLayout) {
  const torch::NoGradGuard no_grad;
  for (const auto& size : kNormCases) {
    const auto x = torch::randn({size.items, size.channels, size.height, size.width}) * 3 + 2;
    const GroupNormParameters parameters = {torch::randn({size.channels}),
                                            torch::randn({size.channels}), size.groups};
    for (const int64_t rows : {int64_t{0}, int64_t{1}, size.items}) {
      Modulation modulation;
      if (rows > 0) {
        modulation.time = torch::randn({rows, 2 * size.channels});
        modulation.z_scale = torch::randn({size.items, size.channels});
      }
      const auto [expected, rounding] = separate_steps(x, parameters, modulation);
      const double limit = 1e-6 + 32 * rounding;  // small groups of one sign lose most digits
      for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
        const auto y = group_norm_silu(x.contiguous(format), parameters, modulation);
        EXPECT_LE((y - expected).abs().max().item<double>(), limit);
        EXPECT_TRUE(y.is_contiguous(format));
      }
      // Neither layout: rows and columns exchanged.
      const auto odd = group_norm_silu(x.transpose(2, 3), parameters, modulation);
      EXPECT_LE((odd.transpose(2, 3) - expected).abs().max().item<double>(), limit);
    }
  }
}

TEST(GroupNormSiluProperty, DoesNotDependOnTheThreadCount) {
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({3, 24, 50, 50}).contiguous(at::MemoryFormat::ChannelsLast);
  const GroupNormParameters parameters = {torch::randn({24}), torch::randn({24}), 8};
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const auto two = group_norm_silu(x, parameters);
  at::set_num_threads(1);
  const auto one = group_norm_silu(x, parameters);
  at::set_num_threads(before);
  EXPECT_TRUE(one.equal(two));
}

TEST(GroupNormSilu, KeepsItsDigitsUnderALargeOffset) {
  const torch::NoGradGuard no_grad;
  const GroupNormParameters parameters = {torch::ones({8}), torch::zeros({8}), 2};
  const auto x = torch::randn({1, 8, 64, 64}) + 1000;
  const auto expected = separate_steps(x, parameters, {}).y;
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    const auto y = group_norm_silu(x.contiguous(format), parameters);
    EXPECT_LE((y - expected).abs().max().item<double>(), 2e-4);  // x itself has 6e-5
  }
}

TEST(GroupNormSilu, StaysFiniteAtTheEnds) {
  const torch::NoGradGuard no_grad;
  const GroupNormParameters parameters = {torch::full({2}, 1e4), torch::zeros({2}), 1};
  const auto y = group_norm_silu(torch::linspace(-1, 1, 128).reshape({1, 2, 8, 8}), parameters);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  EXPECT_NEAR(y.min().item<double>(), 0, 0.3);
  EXPECT_TRUE(group_norm_silu(torch::zeros({1, 2, 8, 8}), parameters).eq(0).all().item<bool>());
}

TEST(GroupNorm, NormalizesInFloat32AndReturnsTheTypeOfItsInput) {
  const auto x = torch::randn({2, 8, 10});
  const GroupNormParameters parameters = {torch::ones({8}), torch::zeros({8}), 2};
  const auto y = group_norm(x, parameters).reshape({2, 2, -1});
  EXPECT_TRUE(y.mean(2).abs().le(1e-5).all().item<bool>());
  EXPECT_TRUE((y.square().mean(2) - 1).abs().le(1e-3).all().item<bool>());
  const auto half = group_norm(x.to(torch::kBFloat16), parameters);
  EXPECT_EQ(half.scalar_type(), torch::kBFloat16);
}

}  // namespace
}  // namespace dmcvr
