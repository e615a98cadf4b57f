// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/vector_loops.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace dmcvr {

TEST(RoundToHalf, EqualsTheConversionOfLibTorch) {
  const auto values = test::golden_input("halves", {1000}, 300);
  const auto expected = values.to(torch::kBFloat16);
  std::vector<uint16_t> half(1000);
  round_to_bfloat16(values.data_ptr<float>(), half.data(), 1000);
  auto back = torch::empty({1000});
  widen(half.data(), back.data_ptr<float>(), 1000);
  EXPECT_TRUE(back.equal(expected.to(torch::kFloat32)));
}

TEST(AffineSiluRows, FollowsSiluFromEndToEnd) {
  constexpr int64_t kRows = 25;
  const auto x = torch::linspace(-120, 120, kRows * kVectorLanes);
  auto y = torch::empty_like(x);
  const std::vector<float> gain(kVectorLanes, 1), offset(kVectorLanes, 0);
  affine_silu_rows(x.data_ptr<float>(), y.data_ptr<float>(), kRows, kVectorLanes, gain.data(),
                   offset.data());
  const auto exact = x.to(torch::kFloat64) * torch::sigmoid(x.to(torch::kFloat64));
  EXPECT_LT(
      ((y - exact).abs() / (exact.abs() + 1e-30)).masked_select(x.abs() < 80).max().item<double>(),
      1e-6);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  EXPECT_LT((y - exact).abs().max().item<double>(), 2e-5);
}

TEST(AddMoments, SumsAroundTheOrigin) {
  const auto x = test::golden_input("moments", {50, 16}, 3, 100);
  const auto origin = x[0].clone();
  auto sum = torch::zeros({16}), square = torch::zeros({16});
  add_moments(x.data_ptr<float>(), 50, 16, origin.data_ptr<float>(), sum.data_ptr<float>(),
              square.data_ptr<float>());
  const auto distance = (x - origin).to(torch::kFloat64);
  EXPECT_TRUE(sum.to(torch::kFloat64).allclose(distance.sum(0), 1e-5, 1e-4));
  EXPECT_TRUE(square.to(torch::kFloat64).allclose(distance.square().sum(0), 1e-5, 1e-4));
}

TEST(CombineRows, IsLinear) {
  const auto x = test::golden_input("x", {20, 24}), d = test::golden_input("d", {20, 24});
  const auto p = test::golden_input("p", {24}), q = test::golden_input("q", {24}),
             s = test::golden_input("s", {24});
  auto values = d.clone();
  combine_rows(x.data_ptr<float>(), values.data_ptr<float>(), 20, 24,
               {p.data_ptr<float>(), q.data_ptr<float>(), s.data_ptr<float>()});
  EXPECT_TRUE(values.allclose(p * d + q * x + s, 1e-5, 1e-6));
}

TEST(SiluGradientRows, IsTheSlopeOfAffineSilu) {
  const auto x = test::golden_input("x", {30, 8}, 4), g = torch::ones({30, 8});
  const std::vector<float> gain(8, 1.5f), offset(8, -0.25f), inverse(8, 2), center(8, 0.5f);
  auto d = torch::empty({30, 8});
  std::vector<float> sum_d(8, 0), sum_dn(8, 0);
  silu_gradient_rows({x.data_ptr<float>(), g.data_ptr<float>(), d.data_ptr<float>(), gain.data(),
                      offset.data(), inverse.data(), center.data(), sum_d.data(), sum_dn.data()},
                     30, 8);
  const auto v = x.to(torch::kFloat64) * 1.5 - 0.25;
  const auto l = torch::sigmoid(v);
  const auto slope = l * (1 + v * (1 - l));
  EXPECT_TRUE(d.to(torch::kFloat64).allclose(slope, 1e-5, 1e-6));
  const auto sums = slope.sum(0), products = (slope * (x.to(torch::kFloat64) * 2 + 0.5)).sum(0);
  for (int64_t c = 0; c < 8; ++c) {
    EXPECT_NEAR(sum_d[static_cast<size_t>(c)], sums[c].item<double>(), 1e-4);
    EXPECT_NEAR(sum_dn[static_cast<size_t>(c)], products[c].item<double>(), 1e-3);
  }
}

}  // namespace dmcvr
