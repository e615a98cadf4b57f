// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/ddim.h"

#include "diffusion/solver_models.h"
#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(DdimProperty, ConstantNoiseIsInvertedExactly) {
  const auto noise = test::golden_input("noise", {2, 1, 8, 8}, 1.7).to(torch::kFloat64);
  const Epsilon constant = [&](const torch::Tensor&, const torch::Tensor&) { return noise; };
  const auto x_0 = test::golden_input("image", {2, 1, 8, 8}).to(torch::kFloat64);
  for (const int64_t count : {2, 5, 10, 100}) {
    const auto nodes = log_sigma_nodes(linear_schedule(), count);
    const auto x_T = ddim_invert(x_0, constant, nodes);
    EXPECT_TRUE(ddim_sample(x_T, constant, nodes).allclose(x_0, 0, 1e-11)) << count;
    // In closed form: x̄ moves along ε by the distance in σ̄.
    const auto& last = nodes.back();
    const auto expected = std::sqrt(alpha_bar(last.sigma_bar)) *
                          (x_0 + (last.sigma_bar - nodes.front().sigma_bar) * noise);
    EXPECT_TRUE(x_T.allclose(expected, 0, 1e-11)) << count;
  }
}

TEST(DdimProperty, RoundTripConvergesWithFirstOrder) {
  const double db_160 = test::round_trip_db(ddim_invert, ddim_sample, 160);
  const double db_320 = test::round_trip_db(ddim_invert, ddim_sample, 320);
  const double order = (db_320 - db_160) / (20 * std::log10(2.0));
  EXPECT_NEAR(order, 1, 0.1) << db_160 << " and " << db_320 << " dB";
}

TEST(DdimProperty, AnyNodesWillDo) {
  // Uneven nodes, of a respaced schedule: the end points stay the same, so constant noise still
  // inverts.
  const auto nodes = timestep_nodes(respace(linear_schedule(), 24));
  const Epsilon constant = [](const torch::Tensor& x, const torch::Tensor&) {
    return torch::full_like(x, -0.4);
  };
  const auto x_0 = test::golden_input("image", {1, 1, 8, 8}).to(torch::kFloat64);
  EXPECT_TRUE(
      ddim_sample(ddim_invert(x_0, constant, nodes), constant, nodes).allclose(x_0, 0, 1e-11));
}

TEST(Ddim, CodesOfGaussianImagesHaveUnitVariance) {
  const test::GaussianImages model;
  const auto noise = torch::sign(test::golden_input("gaussian.images", {2, 1, 64, 64}));
  const auto nodes = log_sigma_nodes(model.schedule, 320);
  const auto x_T = ddim_invert(model.images(noise), model.epsilon(), nodes);
  EXPECT_NEAR(x_T.square().mean().sqrt().item<double>(), 1, 0.1);
}

}  // namespace
}  // namespace dmcvr
