// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/precision.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(PrecisionScope, MultipliesInItsPrecisionAndEnds) {
  const auto a = test::golden_input("a", {4, 4}), b = test::golden_input("b", {4, 4});
  {
    const PrecisionScope scope(Precision::bfloat16);
    EXPECT_EQ(at::mm(a, b).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(at::mm(a, b).scalar_type(), torch::kFloat32);
  const PrecisionScope scope(Precision::float32);
  EXPECT_EQ(at::mm(a, b).scalar_type(), torch::kFloat32);
}

TEST(PrecisionScope, GivesGradientsInTheTypeOfTheWeights) {
  if (!computes_in_bfloat16(torch::kCPU)) GTEST_SKIP() << "this processor lacks bfloat16";
  const auto x = test::golden_input("x", {2, 8, 6, 6});
  const auto weight = test::golden_input("weight", {8, 8, 3, 3});
  const auto gradient = [&](Precision precision) {
    const auto leaf = weight.clone().requires_grad_();
    torch::Tensor y;
    {
      const PrecisionScope scope(precision);
      y = at::conv2d(x, leaf, {}, 1, 1);
    }
    y.to(torch::kFloat32).square().mean().backward();
    return leaf.grad();
  };
  const auto exact = gradient(Precision::float32), mixed = gradient(Precision::bfloat16);
  EXPECT_EQ(mixed.scalar_type(), torch::kFloat32);
  EXPECT_FALSE(mixed.equal(exact));
  EXPECT_LT((mixed - exact).norm().item<double>(), 0.02 * exact.norm().item<double>());
}

TEST(Precision, IsChosenOnlyWhereItIsLeftOpen) {
  EXPECT_EQ(resolved(Precision::float32, torch::kCPU), Precision::float32);
  if (computes_in_bfloat16(torch::kCPU)) {
    EXPECT_EQ(resolved(Precision::bfloat16, torch::kCPU), Precision::bfloat16);
  } else {
    EXPECT_THROW(resolved(Precision::bfloat16, torch::kCPU), Error);
    EXPECT_EQ(resolved(Precision::automatic, torch::kCPU), Precision::float32);
  }
  EXPECT_NE(resolved(Precision::automatic, torch::kCPU), Precision::automatic);
  EXPECT_EQ(resolved(Precision::automatic, torch::kCUDA), Precision::bfloat16);
}

}  // namespace dmcvr
