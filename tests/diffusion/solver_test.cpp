// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/solver.h"

#include "diffusion/solver_models.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/diffusion/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

const std::vector<Solver> kSolvers = {Solver::reference, Solver::ddim, Solver::dpm};

TEST(Solver, WordsAreStrict) {
  const auto options =
      options_from_json<SolverOptions>({{"solver", "ddim"}, {"nodes", 20}}, "test");
  EXPECT_EQ(options.solver, Solver::ddim);
  EXPECT_EQ(options.nodes, 20);
  EXPECT_THROW(options_from_json<SolverOptions>({{"solver", "euler"}}, "test"), Error);
  EXPECT_THROW(options_from_json<SolverOptions>({{"steps", 20}}, "test"), Error);
  EXPECT_EQ(nlohmann::json(SolverOptions()).dump(), R"({"nodes":10,"solver":"dpm"})");
}

TEST(Solver, ImpossibleCountsAreRefused) {
  EXPECT_THROW((SolverOptions{Solver::dpm, 1}.check()), Error);
  EXPECT_THROW((SolverOptions{Solver::ddim, 1001}.check()), Error);
  EXPECT_THROW((SolverOptions{Solver::reference, 52}.check()), Error);
  EXPECT_NO_THROW((SolverOptions{Solver::reference, 100}.check()));
  EXPECT_NO_THROW((SolverOptions{Solver::dpm, 52}.check()));
}

TEST(Solver, EvaluationsArePromisedAndKept) {
  for (const Solver solver : kSolvers) {
    const SolverOptions options{solver, 10};
    int64_t count = 0;
    const Epsilon counter = [&](const torch::Tensor& x, const torch::Tensor& t) {
      ++count;
      EXPECT_EQ(t.scalar_type(), torch::kFloat32);
      EXPECT_EQ(x.scalar_type(), torch::kFloat32);
      EXPECT_FALSE(torch::GradMode::is_enabled());
      return test::toy_epsilon(x, t);
    };
    const auto x_0 = test::golden_input("toy.x0", {2, 1, 4, 4}, 0.5, 0.5);
    const auto x_T = invert(x_0, counter, options);
    EXPECT_EQ(count, evaluations(options));
    const auto back = sample(x_T, counter, options);
    EXPECT_EQ(count, 2 * evaluations(options));
    EXPECT_EQ(back.sizes(), x_0.sizes());
  }
}

TEST(SolverProperty, EveryItemOfABatchIsSolvedAlone) {
  for (const Solver solver : kSolvers) {
    const SolverOptions options{solver, 10};
    const auto x_0 = test::golden_input("toy.x0", {3, 1, 4, 4}, 0.5, 0.5);
    const auto together = invert(x_0, test::toy_epsilon, options);
    for (int64_t n = 0; n < 3; ++n) {
      const auto alone = invert(x_0.narrow(0, n, 1), test::toy_epsilon, options);
      EXPECT_TRUE(alone.allclose(together.narrow(0, n, 1), 0, 1e-6));
    }
  }
}

TEST(Solver, EachWordLeadsToItsOwnMethod) {
  const auto golden = test::golden("diffusion_toy");
  const auto x_0 = test::golden_input("toy.x0", {2, 1, 4, 4}, 0.5, 0.5);
  const auto reference = invert(x_0, test::toy_epsilon, {Solver::reference, 10});
  test::expect_close(reference, golden.at("toy_T10_clip1.xT"), 2e-5, "solver reference");
  const auto back = sample(reference, test::toy_epsilon, {Solver::reference, 10});
  test::expect_close(back, golden.at("toy_T10_clip1.rec"), 2e-5, "solver reference, back");

  const auto first_order = invert(x_0, test::toy_epsilon, {Solver::ddim, 10});
  const auto second_order = invert(x_0, test::toy_epsilon, {Solver::dpm, 10});
  EXPECT_FALSE(first_order.allclose(second_order, 0, 1e-3));
  const auto error = [&](const SolverOptions& options) {
    const auto x_T = invert(x_0, test::toy_epsilon, options);
    return (sample(x_T, test::toy_epsilon, options) - x_0).abs().max().item<double>();
  };
  EXPECT_LT(error({Solver::dpm, 20}), 0.2 * error({Solver::ddim, 20}));
}

TEST(Solver, FromTheNoisiestLevelItIsSampling) {
  const auto x_0 = test::golden_input("toy.x0", {2, 1, 4, 4}, 0.5, 0.5);
  const auto schedule = linear_schedule();
  const double top = sigma_bar_at(schedule, 999);
  const auto noise = x_0.flip(0) * 2 - 1;
  for (const Solver solver : {Solver::ddim, Solver::dpm}) {
    const SolverOptions options{solver, 12};
    const auto x_T = std::sqrt(alpha_bar(top)) * (x_0 + top * noise);
    EXPECT_EQ(evaluations_from(top, options), evaluations(options));
    EXPECT_TRUE(sample_from({x_0, noise, top}, test::toy_epsilon, options)
                    .allclose(sample(x_T, test::toy_epsilon, options), 1e-4, 1e-4));
  }
}

TEST(Solver, ALowerLevelTakesFewerEvaluationsAndStaysNearThePicture) {
  const auto x_0 = test::golden_input("toy.x0", {2, 1, 4, 4}, 0.5, 0.5);
  const auto noise = torch::zeros_like(x_0);
  int64_t count = 0;
  const Epsilon silent = [&](const torch::Tensor& x, const torch::Tensor&) {
    ++count;
    return torch::zeros_like(x);
  };
  for (const double sigma : {0.02, 0.3, 1.0, 20.0}) {
    count = 0;
    const auto out = sample_from({x_0, noise, sigma}, silent, {});
    EXPECT_EQ(count, evaluations_from(sigma, {})) << sigma;
    EXPECT_LT(count, evaluations(SolverOptions{})) << sigma;
    // A network that names no noise leaves the picture as it is.
    EXPECT_TRUE(out.allclose(x_0, 0, 1e-5)) << sigma;
  }
}

TEST(Solver, LevelsOutsideTheScheduleAndTheReferenceAreRefused) {
  const auto x_0 = torch::zeros({1, 1, 4, 4});
  for (const double sigma : {0.0, -1.0, 1e4, std::nan("")})
    EXPECT_THROW(evaluations_from(sigma, {}), Error) << sigma;
  EXPECT_THROW(sample_from({x_0, x_0, 1}, test::toy_epsilon, {Solver::reference, 10}), Error);
}

}  // namespace
}  // namespace dmcvr
