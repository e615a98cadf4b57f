// SPDX-License-Identifier: Apache-2.0
// Solver and network together against tests/golden/diffusion_tiny.safetensors: the tiny generator
// with z_sem of tiny.x0 and l_mor = tiny.seg. Tolerances from tests/golden/README.md.
#include "support.h"
#include "support_models.h"

#include "dmcvr/diffusion/loss.h"
#include "dmcvr/diffusion/reference_ddim.h"
#include "dmcvr/diffusion/solver.h"
#include "dmcvr/models/autoencoder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

namespace dmcvr {
namespace {

// The first values of three streams, as the bits of their float32, and of one scaled weight.
TEST(GoldenFill, GivesTheBitsOfTheReference) {
  const auto bits = [](const torch::Tensor& value) {
    const float number = value.item<float>();
    uint32_t word = 0;
    std::memcpy(&word, &number, sizeof(word));
    return fmt::format("{:08x}", word);
  };
  std::ifstream stream(test::source_folder() / "tests" / "golden" / "fill_check.expected");
  int64_t compared = 0;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    if (name == "scaled") {
      words >> word >> word;
      const auto weight = test::golden_weight("dmcvr", "input_blocks.0.0.weight", {128, 1, 3, 3});
      EXPECT_EQ(bits(weight.flatten()[0]), word);
      ++compared;
      continue;
    }
    const auto values = test::golden_stream(name, 4);
    for (int64_t i = 0; words >> word; ++i, ++compared) EXPECT_EQ(bits(values[i]), word) << name;
  }
  EXPECT_EQ(compared, 13);
}

class DiffusionTiny : public testing::Test {
 protected:
  Epsilon epsilon() {
    return [this](const torch::Tensor& x_t, const torch::Tensor& t) {
      return network_->predict(x_t, t, condition_);
    };
  }

  // Both limits on a whole solution: largest deviation and mean deviation.
  static void expect_solution(const torch::Tensor& actual, const torch::Tensor& expected,
                              const std::string& what) {
    test::expect_close(actual, expected, 5e-3, what);
    const double mean = (actual - expected).abs().mean().item<double>();
    std::printf("golden %s, mean: %.2g (limit 0.0003)\n", what.c_str(), mean);
    EXPECT_LE(mean, 3e-4) << what;
  }

  torch::NoGradGuard no_gradients_;
  std::map<std::string, torch::Tensor> golden_ = test::golden("diffusion_tiny");
  torch::Tensor x_0_ = test::golden_input("tiny.x0", {2, 1, 64, 64}, 0.5, 0.5);
  torch::Tensor noise_ = test::golden_input("tiny.noise", {2, 1, 64, 64}, std::sqrt(3.0));
  Autoencoder network_ = test::golden_tiny_autoencoder();
  Condition condition_ =
      network_->condition(network_->encode(x_0_), test::golden_input("tiny.seg", {2, 512, 4, 4}));
};

TEST_F(DiffusionTiny, TrainingLoss) {
  const auto schedule = linear_schedule();
  const auto t = torch::tensor({int64_t{3}, int64_t{750}});
  const auto x_t = q_sample(x_0_, t, noise_, schedule);
  test::expect_close(x_t, golden_.at("q_sample"), 1e-6, "q_sample");
  const auto predicted = network_->predict(x_t, t, condition_);
  test::expect_close(prediction_loss(predicted, noise_), golden_.at("train.loss_per_sample"), 1e-5,
                     "loss per sample");
  // ε may differ by 5e-5, and σ̄ at t = 750 multiplies that by 17.4.
  test::expect_close(predicted_x_0(x_t, t, predicted, schedule), golden_.at("train.pred_xstart"),
                     8.7e-4, "predicted x_0");
}

TEST_F(DiffusionTiny, FirstPredictedImage) {
  const auto t = torch::zeros({2}, torch::kInt64);
  const auto eps = epsilon()(x_0_, time_of_batch(x_0_, 0));
  const auto first = predicted_x_0(x_0_, t, eps, linear_schedule());
  test::expect_close(first.clamp(-1, 1), golden_.at("inv_T10.pred_x0_first"), 5e-5,
                     "first predicted x_0");
}

TEST_F(DiffusionTiny, InversionReconstructionAndGeneration) {
  const std::map<int64_t, double> limits = {{0, 5e-5}, {1, 5e-5}, {8, 5e-4}};  // after some steps
  for (const int64_t steps : {10, 20}) {
    const std::string count = "_T" + std::to_string(steps);
    const SolverOptions options{Solver::reference, steps};
    const auto compare = [&](int64_t done, int64_t, const torch::Tensor& x) {
      const auto name = "inv_T10.x_after_" + std::to_string(done - 1);
      if (steps == 10 && limits.count(done - 1) > 0) {
        test::expect_close(x, golden_.at(name), limits.at(done - 1), name);
      }
    };
    const auto x_T = invert(x_0_, epsilon(), options, compare);
    test::expect_close(x_T, golden_.at("inv" + count + ".xT"), 5e-4, "x_T" + count);
    expect_solution(sample(x_T, epsilon(), options), golden_.at("rec" + count + ".x0"),
                    "x_0" + count);
    expect_solution(sample(noise_, epsilon(), options), golden_.at("gen" + count + ".x0"),
                    "generated" + count);
  }
}

}  // namespace
}  // namespace dmcvr
