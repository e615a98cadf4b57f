// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/blocks.h"

#include "support_models.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using test::expect_close;
using test::golden_input;

struct BlockCase {
  std::string tag;
  int64_t in, out;
  Resampling resampling = Resampling::none;
  bool is_conditioned = true;
  int64_t lateral = 0;
};

const std::vector<BlockCase> kBlockCases = {
    {"res_same", 64, 64},
    {"res_change", 64, 96},
    {"res_down", 64, 64, Resampling::down},
    {"res_down_change", 128, 64, Resampling::down},
    {"res_up", 64, 64, Resampling::up},
    {"res_lateral", 96, 64, Resampling::none, true, 32},
    {"enc_same", 64, 64, Resampling::none, false},
    {"enc_change", 64, 96, Resampling::none, false},
    {"enc_down", 64, 64, Resampling::down, false},
};

TEST(ResBlockGolden, EqualsTheReference) {
  const torch::NoGradGuard no_grad;
  const auto golden = test::golden("blocks");
  for (const auto& given : kBlockCases) {
    ResBlockOptions options;
    options.in_channels = given.in;
    options.out_channels = given.out;
    options.embedding = given.is_conditioned ? 48 : 0;
    options.resampling = given.resampling;
    ResBlock block(options);
    const std::string prefix = "blk." + given.tag;
    auto x = golden_input(prefix + ".x", {2, given.in - given.lateral, 8, 8});
    if (given.lateral > 0)
      x = torch::cat({x, golden_input(prefix + ".lat", {2, given.lateral, 8, 8})}, 1);
    torch::Tensor time, scale;
    for (auto& [name, tensor] : named_tensors(*block)) {
      if (name != "cond_emb_layers.1.weight")
        tensor.copy_(test::golden_weight(prefix, name, tensor.sizes()));
    }
    if (given.is_conditioned) {
      // The golden blocks have conditions of width 40 beside time embeddings of width 48.
      const std::string name = "cond_emb_layers.1.";
      const auto cond = torch::silu(golden_input(prefix + ".cond", {2, 40}));
      time = golden_input(prefix + ".emb", {2, 48});
      scale = 1 + torch::addmm(test::golden_weight(prefix, name + "bias", {given.out}), cond,
                               test::golden_weight(prefix, name + "weight", {given.out, 40}).t());
    }
    expect_close(block->forward(x, time, scale), golden.at(given.tag), 2e-5, given.tag);
  }
}

TEST(AttentionGolden, EqualsTheReference) {
  const torch::NoGradGuard no_grad;
  Attention attention(64, 32);
  test::fill_golden(*attention, "blk.attn");
  expect_close(attention->forward(golden_input("blk.attn.x", {2, 64, 4, 4})),
               test::golden("blocks").at("attn_h1"), 2e-5, "attn_h1");
}

TEST(TimestepEmbeddingGolden, EqualsTheReference) {
  const auto t = torch::tensor({0, 1, 10, 500, 990, 999});
  expect_close(timestep_embedding(t, 128), test::golden("schedule").at("timestep_embedding_128"),
               1e-6, "timestep_embedding_128");
}

TEST(TimestepEmbedding, TakesTimesBetweenTheSteps) {
  const auto at = [](double t) { return timestep_embedding(torch::tensor({t}), 32); };
  EXPECT_TRUE(((at(10) + at(10.002)) / 2).allclose(at(10.001), 0, 1e-5));
  EXPECT_FALSE(at(10).allclose(at(10.5)));
  EXPECT_TRUE(at(7).equal(timestep_embedding(torch::tensor({int64_t{7}}), 32)));
}

ResBlock random_block(int64_t in, int64_t out, int64_t groups, Resampling resampling) {
  ResBlockOptions options;
  options.in_channels = in;
  options.out_channels = out;
  options.groups = groups;
  options.embedding = 12;
  options.resampling = resampling;
  ResBlock block(options);
  test::fill_golden(*block, "random");
  return block;
}

TEST(ResBlockProperty, SharesOfTheInputAddUpWhereNoGroupSpansTheBorder) {
  for (const auto resampling : {Resampling::none, Resampling::down, Resampling::up}) {
    auto block = random_block(48, 16, 8, resampling);  // groups of 6 channels
    const auto x = torch::randn({2, 48, 8, 8}), time = torch::randn({2, 12});
    const auto scale = block->z_scale(torch::randn({2, 12}));
    const auto whole = block->forward(x, time, scale);
    for (const int64_t last : {6, 18, 42}) {
      ASSERT_TRUE(block->is_separable(last));
      const auto parts = block->forward(x.narrow(1, 0, 48 - last),
                                        block->partial(x.narrow(1, 48 - last, last)), time, scale);
      EXPECT_TRUE(parts.allclose(whole, 1e-4, 1e-5)) << last;
    }
    for (const int64_t last : {0, 5, 16, 48}) EXPECT_FALSE(block->is_separable(last));
    EXPECT_THROW(block->partial(x.narrow(1, 0, 16)), c10::Error);
  }
}

TEST(ResBlock, ResamplesByWholePixels) {
  const auto x = torch::randn({1, 16, 8, 8});
  EXPECT_EQ(random_block(16, 16, 4, Resampling::down)->forward(x).size(3), 4);
  EXPECT_EQ(random_block(16, 16, 4, Resampling::up)->forward(x).size(3), 16);
}

TEST(ResBlock, IsItsSkipBeforeTraining) {
  ResBlockOptions options;
  options.in_channels = options.out_channels = 8;
  options.groups = 4;
  options.embedding = 12;
  ResBlock block(options);
  const auto x = torch::randn({2, 8, 4, 4});
  EXPECT_TRUE(
      block->forward(x, torch::randn({2, 12}), block->z_scale(torch::randn({2, 12}))).equal(x));
}

TEST(ResBlock, DropsOutInTrainingOnly) {
  ResBlockOptions options;
  options.in_channels = options.out_channels = 8;
  options.groups = 4;
  options.embedding = 12;
  options.dropout = 0.5;
  ResBlock block(options);
  test::fill_golden(*block, "random");
  const auto x = torch::randn({1, 8, 8, 8});
  EXPECT_FALSE(block->forward(x).equal(block->forward(x)));
  block->eval();
  EXPECT_TRUE(block->forward(x).equal(block->forward(x)));
}

TEST(PathDown, HasTheBlocksOfThePaper) {
  PathOptions options;
  options.multipliers = {1, 1, 2, 2, 4, 4};
  options.base_channels = 32;
  const auto path = path_down(options);
  EXPECT_EQ(path.channels, (std::vector<int64_t>{32, 32, 32, 32, 32, 32, 32, 64, 64, 64, 64, 64, 64,
                                                 128, 128, 128, 128, 128}));
  EXPECT_EQ(path.levels,
            (std::vector<int64_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5}));
  EXPECT_EQ(path.blocks->at<torch::nn::ModuleListImpl>(13).size(), 2u);  // with attention
  EXPECT_EQ(path.blocks->at<torch::nn::ModuleListImpl>(12).size(), 1u);
}

}  // namespace
}  // namespace dmcvr
