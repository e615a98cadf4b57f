// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/semantic_encoder.h"

#include "support_models.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using test::expect_close;
using test::golden_input;

TEST(SemanticEncoderGolden, GivesTheCodesOfTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("net_tiny");
  const auto x_0 = golden_input("tiny.x0", {2, 1, 64, 64}, 0.5, 0.5);
  for (const bool with_morphology : {true, false}) {
    const std::string name = with_morphology ? "dmcvr" : "diffae";
    auto network = test::golden_tiny_autoencoder(with_morphology);
    expect_close(network->encode(x_0), golden.at(name + ".z_sem"), 1e-5, name + ".z_sem");
  }
}

TEST(SemanticEncoder, RefusesPicturesThatDoNotHalveEvenly) {
  Autoencoder network(test::tiny_autoencoder());
  EXPECT_THROW(network->encode(torch::zeros({1, 1, 96, 96})), c10::Error);
  EXPECT_EQ(network->encode(torch::zeros({3, 1, 128, 64})).sizes(), (std::vector<int64_t>{3, 16}));
}

TEST(SemanticEncoderProperty, CodesOfABatchAreThoseOfItsItems) {
  const torch::NoGradGuard no_grad;
  Autoencoder network(test::tiny_autoencoder());
  const auto x_0 = torch::randn({3, 1, 64, 64});
  const auto all = network->encode(x_0);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(network->encode(x_0.narrow(0, i, 1)).allclose(all.narrow(0, i, 1), 1e-4, 1e-5));
  }
}

}  // namespace
}  // namespace dmcvr
