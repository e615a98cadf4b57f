// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/dpm_solver.h"

#include "diffusion/solver_models.h"
#include "support.h"

#include "dmcvr/diffusion/ddim.h"
#include "dmcvr/diffusion/reference_ddim.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(DpmSolverProperty, ConstantNoiseIsInvertedExactly) {
  // D = x̄ − σ̄ ε is then the same at every node, so that extrapolation does nothing.
  const auto noise = test::golden_input("noise", {2, 1, 8, 8}, 1.7).to(torch::kFloat64);
  const Epsilon constant = [&](const torch::Tensor&, const torch::Tensor&) { return noise; };
  const auto x_0 = test::golden_input("image", {2, 1, 8, 8}).to(torch::kFloat64);
  for (const int64_t count : {2, 5, 10, 100}) {
    const auto nodes = log_sigma_nodes(linear_schedule(), count);
    const auto x_T = dpm_invert(x_0, constant, nodes);
    EXPECT_TRUE(dpm_sample(x_T, constant, nodes).allclose(x_0, 0, 1e-11)) << count;
    EXPECT_TRUE(x_T.allclose(ddim_invert(x_0, constant, nodes), 0, 1e-11)) << count;
  }
}

TEST(DpmSolverProperty, RoundTripConvergesWithSecondOrder) {
  const double db_160 = test::round_trip_db(dpm_invert, dpm_sample, 160);
  const double db_320 = test::round_trip_db(dpm_invert, dpm_sample, 320);
  const double order = (db_320 - db_160) / (20 * std::log10(2.0));
  EXPECT_NEAR(order, 2, 0.1) << db_160 << " and " << db_320 << " dB";
}

TEST(DpmSolver, NineteenEvaluationsBeatAHundredOfDdimByMoreThan20Db) {
  const double dpm_9 = test::round_trip_db(dpm_invert, dpm_sample, 10);
  const double dpm_19 = test::round_trip_db(dpm_invert, dpm_sample, 20);
  const double ddim_100 = test::round_trip_db(ddim_invert, ddim_sample, 101);
  EXPECT_GT(dpm_19, ddim_100 + 20);

  // The reference's hundred steps, which may not clip here: coefficients are no pixels.
  const test::GaussianImages model;
  const auto x_0 = model.images(torch::sign(test::golden_input("gaussian.images", {2, 1, 64, 64})));
  const ReferenceDdim reference{respace(linear_schedule(), 100), false};
  const auto x_T = reference_ddim_invert(x_0, model.epsilon(), reference);
  const double reference_100 =
      test::psnr_db(reference_ddim_sample(x_T, model.epsilon(), reference), x_0);
  EXPECT_GT(dpm_9, reference_100);
  EXPECT_GT(dpm_19, reference_100 + 20);
  std::printf(
      "golden round trip of Gaussian images: dpm 9 %.1f dB, dpm 19 %.1f dB, ddim 100 %.1f dB, "
      "reference 100 %.1f dB\n",
      dpm_9, dpm_19, ddim_100, reference_100);
}

TEST(DpmSolver, StepsReportTheStateInUnitVariance) {
  const test::GaussianImages model;
  const auto x_0 = model.images(torch::sign(test::golden_input("gaussian.images", {2, 1, 64, 64})));
  const auto nodes = log_sigma_nodes(model.schedule, 10);
  torch::Tensor last;
  int64_t steps = 0;
  const auto record = [&](int64_t done, int64_t total, const torch::Tensor& x) {
    EXPECT_EQ(done, ++steps);
    EXPECT_EQ(total, 9);
    last = x;
  };
  EXPECT_TRUE(dpm_invert(x_0, model.epsilon(), nodes, record).allclose(last));
  EXPECT_EQ(steps, 9);
}

}  // namespace
}  // namespace dmcvr
