// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/unet.h"

#include "support_models.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using test::expect_close;
using test::golden_input;

TEST(UNetGolden, ActivationsEqualTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("net_tiny");
  auto network = test::golden_tiny_autoencoder();
  std::map<std::string, torch::Tensor> seen;
  const auto z_sem = network->encode(golden_input("tiny.x0", {2, 1, 64, 64}, 0.5, 0.5));
  const auto condition = network->condition(z_sem, golden_input("tiny.seg", {2, 512, 4, 4}));
  const auto eps = network->predict(
      golden_input("tiny.x", {2, 1, 64, 64}), torch::tensor({7, 990}), condition,
      [&](const std::string& name, const torch::Tensor& value) { seen[name] = value; });
  expect_close(seen.at("time"), golden.at("dmcvr.time_emb"), 5e-5, "time_emb");
  for (const char* name : {"in0", "in3", "in14", "in15", "in17", "mid", "out2", "out5", "out17"}) {
    expect_close(seen.at(name), golden.at(std::string("dmcvr.act.") + name), 5e-5, name);
  }
  expect_close(eps, golden.at("dmcvr.eps"), 5e-5, "dmcvr.eps");
}

// A U-Net of options that make the share of l_mor separable, or not.
UNet small_unet(int64_t groups) {
  PathOptions path;
  path.base_channels = 8;
  path.multipliers = {1, 1, 1, 1, 2, 2};
  path.blocks_per_level = 1;
  path.morphology_channels = 32;
  path.block.embedding = 16;
  path.block.groups = groups;
  UNet network(path);
  test::fill_golden(*network, "small");
  network->eval();
  return network;
}

TEST(UNetProperty, TheShareOfLMorEqualsItsConcatenation) {
  const torch::NoGradGuard no_grad;
  auto network = small_unet(2);  // block 15: 16 + 32 channels in 2 groups of 24: joined
  const auto z_sem = torch::randn({2, 16}), l_mor = torch::randn({2, 32, 4, 4});
  const auto x = torch::randn({2, 1, 64, 64}), t = torch::tensor({3.5, 700.});
  EXPECT_TRUE(network->condition(z_sem, l_mor).morphology.defined());

  network = small_unet(8);  // groups of 6: joined; 16 is no multiple
  EXPECT_TRUE(network->condition(z_sem, l_mor).morphology.defined());

  network = small_unet(1);
  EXPECT_TRUE(network->condition(z_sem, l_mor).morphology.defined());

  PathOptions path = network->options;
  path.base_channels = 12;  // 24 + 24 channels in 6 groups of 8: apart
  path.morphology_channels = 24;
  path.block.groups = 6;
  UNet apart(path);
  test::fill_golden(*apart, "small");
  apart->eval();
  const auto l_mor_24 = torch::randn({2, 24, 4, 4});
  auto condition = apart->condition(z_sem, l_mor_24);
  ASSERT_TRUE(condition.morphology_share.main.defined());
  const auto with_share = apart->forward(x, t, condition);
  condition.morphology_share = {};
  condition.morphology = apart->seg_style_conv->forward(l_mor_24);
  EXPECT_TRUE(with_share.allclose(apart->forward(x, t, condition), 1e-4, 1e-5));
  condition.morphology = torch::zeros_like(condition.morphology);
  EXPECT_FALSE(with_share.allclose(apart->forward(x, t, condition), 1e-2, 1e-2));
}

TEST(UNetProperty, OneTimeForAllEqualsOneTimeEach) {
  const torch::NoGradGuard no_grad;
  auto network = small_unet(4);
  const auto condition = network->condition(torch::randn({3, 16}), torch::randn({3, 32, 4, 4}));
  const auto x = torch::randn({3, 1, 64, 64});
  const auto one = network->forward(x, torch::tensor({12.25}), condition);
  EXPECT_TRUE(one.equal(network->forward(x, torch::full({3}, 12.25), condition)));
  const auto mixed = network->forward(x, torch::tensor({12.25, 500., 12.25}), condition);
  EXPECT_TRUE(mixed[0].allclose(one[0], 1e-4, 1e-5));
  EXPECT_FALSE(mixed[1].allclose(one[1], 1e-2, 1e-2));
}

TEST(UNetProperty, PartsOfAConditionServePartsOfABatch) {
  const torch::NoGradGuard no_grad;
  for (const int64_t groups : {2, 4}) {
    auto network = small_unet(groups);
    const auto condition = network->condition(torch::randn({4, 16}), torch::randn({4, 32, 4, 4}));
    const auto x = torch::randn({4, 1, 64, 64}), t = torch::full({1}, 100.);
    const auto all = network->forward(x, t, condition);
    const auto part = network->forward(x.narrow(0, 1, 2), t, condition.slice(1, 3));
    EXPECT_TRUE(part.allclose(all.narrow(0, 1, 2), 1e-4, 1e-5));
  }
}

TEST(UNetProperty, SeesEveryCode) {
  const torch::NoGradGuard no_grad;
  auto network = small_unet(4);
  const auto x = torch::randn({1, 1, 64, 64}), t = torch::full({1}, 100.);
  const auto z_sem = torch::randn({1, 16}), l_mor = torch::randn({1, 32, 4, 4});
  const auto eps = network->forward(x, t, network->condition(z_sem, l_mor));
  EXPECT_FALSE(eps.allclose(network->forward(x, t, network->condition(-z_sem, l_mor)), 1e-2, 1e-2));
  EXPECT_FALSE(eps.allclose(network->forward(x, t, network->condition(z_sem, -l_mor)), 1e-2, 1e-2));
}

TEST(UNet, RefusesWhatDoesNotFit) {
  auto network = small_unet(4);
  const auto z_sem = torch::zeros({1, 16}), l_mor = torch::zeros({1, 32, 4, 4});
  EXPECT_THROW(network->condition(torch::zeros({1, 15}), l_mor), c10::Error);
  EXPECT_THROW(network->condition(z_sem, {}), c10::Error);
  EXPECT_THROW(network->condition(z_sem, torch::zeros({1, 31, 4, 4})), c10::Error);
  const auto condition = network->condition(z_sem, l_mor);
  const auto t = torch::zeros({1});
  EXPECT_THROW(network->forward(torch::zeros({1, 1, 48, 64}), t, condition), c10::Error);
  EXPECT_THROW(network->forward(torch::zeros({1, 2, 64, 64}), t, condition), c10::Error);
  EXPECT_THROW(network->forward(torch::zeros({1, 1, 64, 64}), torch::zeros({2}), condition),
               c10::Error);
}

}  // namespace
}  // namespace dmcvr
