// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/autoencoder.h"

#include "support_models.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/models/precision.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using test::expect_close;
using test::golden_input;

TEST(AutoencoderGolden, TinyNoiseEqualsTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("net_tiny");
  const auto x = golden_input("tiny.x", {2, 1, 64, 64}), t = torch::tensor({7, 990});
  const auto x_0 = golden_input("tiny.x0", {2, 1, 64, 64}, 0.5, 0.5);
  for (const bool with_morphology : {true, false}) {
    const std::string name = with_morphology ? "dmcvr" : "diffae";
    const auto l_mor = with_morphology ? golden_input("tiny.seg", {2, 512, 4, 4}) : torch::Tensor();
    auto network = test::golden_tiny_autoencoder(with_morphology);
    EXPECT_EQ(test::parameter_count(*network), with_morphology ? 17630081 : 14597377);
    expect_close(network->forward(x, t, golden.at(name + ".z_sem"), l_mor),
                 golden.at(name + ".eps"), 5e-5, name + ".eps tiny");
    expect_close(network->forward(x, t, network->encode(x_0), l_mor),
                 golden.at(name + ".eps_from_x0"), 5e-5, name + ".eps_from_x0 tiny");
  }
}

// Names, shapes and noise of the full size in one test: making these networks takes seconds.
TEST(AutoencoderGolden, FullSizeEqualsTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("net_full");
  const auto x = golden_input("full.x", {1, 1, 256, 256}), t = torch::tensor({7});
  const auto x_0 = golden_input("full.x0", {1, 1, 256, 256}, 0.5, 0.5);
  for (const bool with_morphology : {true, false}) {
    const std::string name = with_morphology ? "dmcvr" : "diffae";
    AutoencoderOptions options = paper_autoencoder();
    if (!with_morphology) options.morphology_channels = 0;
    Autoencoder network(options);
    EXPECT_EQ(test::shapes_of(*network), test::reference_shapes(name));
    EXPECT_EQ(test::parameter_count(*network), with_morphology ? 173730305 : 168485377);
    test::fill_golden(*network, name);
    network->eval();
    const auto l_mor =
        with_morphology ? golden_input("full.seg", {1, 512, 16, 16}) : torch::Tensor();
    const auto z_sem = network->encode(x_0);
    expect_close(z_sem, golden.at(name + ".z_sem"), 1e-5, name + ".z_sem full");
    const auto condition = network->condition(z_sem, l_mor);
    EXPECT_EQ(condition.morphology_share.main.defined(), with_morphology);  // the separable case
    const auto eps = network->predict(x, t, condition);
    expect_close(eps, golden.at(name + ".eps"), 5e-5, name + ".eps full");
    expect_close(eps, golden.at(name + ".eps_from_x0"), 5e-5, name + ".eps_from_x0 full");
  }
}

TEST(AutoencoderProperty, TrainingAndInferenceGiveTheSameNoise) {
  Autoencoder network(test::tiny_autoencoder());
  test::fill_golden(*network, "any");
  const auto x = torch::randn({2, 1, 64, 64}), t = torch::tensor({3.25, 800.});
  const auto x_0 = torch::randn({2, 1, 64, 64}), l_mor = torch::randn({2, 64, 4, 4});
  const auto trained = network->forward(x, t, network->encode(x_0), l_mor);
  ASSERT_TRUE(trained.requires_grad());
  const torch::NoGradGuard no_grad;
  network->eval();
  const auto condition = network->condition(network->encode(x_0), l_mor);
  EXPECT_TRUE(network->predict(x, t, condition).allclose(trained, 1e-4, 1e-5));

  // With weights in the other memory layout, too, which convolutions hand on.
  for (auto& parameter : network->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous());
  }
  EXPECT_TRUE(network->predict(x, t, condition).allclose(trained, 1e-4, 1e-5));
}

TEST(AutoencoderProperty, GradientReachesEveryParameter) {
  for (const int64_t morphology : {64, 0}) {
    AutoencoderOptions options = test::tiny_autoencoder();
    options.morphology_channels = morphology;
    options.dropout = 0.1;
    Autoencoder network(options);
    test::fill_golden(*network, "any");
    const auto l_mor = morphology > 0 ? torch::randn({2, morphology, 4, 4}) : torch::Tensor();
    const auto eps = network->forward(torch::randn({2, 1, 64, 64}), torch::tensor({3, 750}),
                                      network->encode(torch::randn({2, 1, 64, 64})), l_mor);
    eps.square().mean().backward();
    for (const auto& parameter : network->named_parameters()) {
      const auto& gradient = parameter.value().grad();
      ASSERT_TRUE(gradient.defined()) << parameter.key();
      EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << parameter.key();
      EXPECT_GT(gradient.abs().max().item<double>(), 0) << parameter.key();
    }
  }
}

TEST(AutoencoderProperty, PredictsInHalfPrecision) {
  if (!computes_in_bfloat16(torch::kCPU)) GTEST_SKIP() << "this processor lacks bfloat16";
  const torch::NoGradGuard no_grad;
  Autoencoder network(test::tiny_autoencoder());
  test::fill_golden(*network, "any");
  network->eval();
  const auto x = torch::randn({1, 1, 64, 64}), z = torch::randn({1, 16}),
             l_mor = torch::randn({1, 64, 4, 4});
  const auto t = torch::full({1}, 300.5);
  const auto expected = network->forward(x, t, z, l_mor);
  network->to(torch::kBFloat16);
  const auto half = [](const torch::Tensor& tensor) { return tensor.to(torch::kBFloat16); };
  const auto eps = network->forward(half(x), t, half(z), half(l_mor));
  EXPECT_EQ(eps.scalar_type(), torch::kBFloat16);
  EXPECT_LT((eps.to(torch::kFloat32) - expected).norm().item<double>(),
            0.05 * expected.norm().item<double>());
}

TEST(Autoencoder, SmallIsAsLargeAsItsWeightsFileMayBe) {
  const Autoencoder small(small_autoencoder());
  const int64_t count = test::parameter_count(*small);
  EXPECT_GT(count, 6000000);
  EXPECT_LT(count, 9000000);  // 18 MB in half precision
}

TEST(AutoencoderOptions, SurviveTheirJson) {
  for (const auto& options : {paper_autoencoder(), small_autoencoder(), test::tiny_autoencoder()}) {
    const nlohmann::json json = options;
    EXPECT_EQ(nlohmann::json(options_from_json<AutoencoderOptions>(json, "test")), json);
  }
}

TEST(AutoencoderOptions, NameWhatIsWrong) {
  const auto message = [](const char* key, const nlohmann::json& value) {
    try {
      options_from_json<AutoencoderOptions>({{key, value}}, "test");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(message("image_size", 96).find("image_size 96"), std::string::npos);
  EXPECT_NE(message("groups", 24).find("groups 24"), std::string::npos);
  EXPECT_NE(message("base_channels", 1000000).find("base_channels 1000000"), std::string::npos);
  EXPECT_NE(message("multipliers", {1, 2, 4}).find("l_mor"), std::string::npos);
  EXPECT_NE(message("dropout", 1.0).find("dropout 1"), std::string::npos);
  EXPECT_NE(message("widths", 1).find("widths"), std::string::npos);
}

}  // namespace
}  // namespace dmcvr
