// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/diffusion/reference_ddim.h"

#include "diffusion/solver_models.h"
#include "support.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

TEST(ReferenceDdimGolden, ToyLoops) {
  const auto golden = test::golden("diffusion_toy");
  const auto x_0 = test::golden_input("toy.x0", {2, 1, 4, 4}, 0.5, 0.5);
  for (const int64_t steps : {10, 100}) {
    for (const bool clip : {false, true}) {
      const ReferenceDdim ddim{respace(linear_schedule(), steps), clip};
      const std::string name = "toy_T" + std::to_string(steps) + (clip ? "_clip1" : "_clip0");
      const auto x_T = reference_ddim_invert(x_0, test::toy_epsilon, ddim);
      test::expect_close(x_T, golden.at(name + ".xT"), 2e-5, name + ".xT");
      const auto back = reference_ddim_sample(x_T, test::toy_epsilon, ddim);
      test::expect_close(back, golden.at(name + ".rec"), 2e-5, name + ".rec");
    }
  }
}

TEST(ReferenceDdim, LastInversionStepLeavesTheNoiseAlone) {
  // ᾱ = 0 at the end: whatever the image, x_T is the ε of the last step.
  const Epsilon constant = [](const torch::Tensor& x, const torch::Tensor&) {
    return torch::full_like(x, 0.3);
  };
  const ReferenceDdim ddim{respace(linear_schedule(), 20), false};
  const auto x_T = reference_ddim_invert(test::golden_input("any", {2, 1, 4, 4}), constant, ddim);
  EXPECT_TRUE(x_T.allclose(torch::full_like(x_T, 0.3), 0, 1e-5));
}

TEST(ReferenceDdim, ClippingKeepsTheResultInRange) {
  const Epsilon none = [](const torch::Tensor& x, const torch::Tensor&) {
    return torch::zeros_like(x);
  };
  const auto x_T = 3 * test::golden_input("any", {2, 1, 4, 4});
  const ReferenceDdim clipped{respace(linear_schedule(), 10), true};
  const ReferenceDdim open{respace(linear_schedule(), 10), false};
  EXPECT_LE(reference_ddim_sample(x_T, none, clipped).abs().max().item<float>(), 1.f);
  EXPECT_GT(reference_ddim_sample(x_T, none, open).abs().max().item<float>(), 1.f);
}

TEST(ReferenceDdim, VisitsEachTimestepOnce) {
  std::vector<double> times;
  const Epsilon recorder = [&](const torch::Tensor& x, const torch::Tensor& t) {
    EXPECT_EQ(t.sizes(), torch::IntArrayRef({x.size(0)}));
    times.push_back(t[0].item<double>());
    return torch::zeros_like(x);
  };
  const ReferenceDdim ddim{respace(linear_schedule(), 5), true};
  std::vector<int64_t> steps;
  const auto count = [&](int64_t done, int64_t total, const torch::Tensor&) {
    EXPECT_EQ(total, 5);
    steps.push_back(done);
  };
  reference_ddim_invert(torch::zeros({2, 1, 4, 4}), recorder, ddim, count);
  EXPECT_EQ(times, (std::vector<double>{0, 200, 400, 600, 800}));
  times.clear();
  reference_ddim_sample(torch::zeros({2, 1, 4, 4}), recorder, ddim, count);
  EXPECT_EQ(times, (std::vector<double>{800, 600, 400, 200, 0}));
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}));
}

}  // namespace
}  // namespace dmcvr
