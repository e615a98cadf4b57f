// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/medformer_blocks.h"

#include "support_models.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

TEST(PatchMerging, MovesRowsFirst) {
  const torch::NoGradGuard no_grad;
  PatchMerging merging(1, 4);
  merging->eval();
  // A depthwise convolution that keeps the pixel and a pointwise one that keeps the channel.
  merging->reduction->depthwise->weight.zero_();
  merging->reduction->depthwise->weight.select(3, 1).select(2, 1).fill_(1);
  merging->reduction->pointwise->weight.copy_(torch::eye(4).reshape({4, 4, 1, 1}));
  const auto x = torch::arange(16, torch::kFloat32).reshape({1, 1, 4, 4});
  const auto y = merging->forward(x);
  const auto corner = y.select(3, 0).select(2, 0).flatten();  // of the first two rows and columns
  EXPECT_TRUE(corner.allclose(torch::tensor({0.f, 4.f, 1.f, 5.f}), 1e-4));
}

TEST(MapGeneration, GivesMeansOverThePixels) {
  const torch::NoGradGuard no_grad;
  MapGeneration generation(8);
  generation->semantic_proj->weight.zero_();  // equal weights
  const auto x = torch::randn({2, 8, 5, 7});
  const auto mean = generation->base_proj->forward(x).mean(at::IntArrayRef{2, 3}, true);
  EXPECT_TRUE(generation->forward(x).allclose(mean.expand({2, 8, 3, 3}), 1e-4, 1e-5));
}

TEST(BidirectionalAttentionProperty, DoesNotCareForTheOrderOfCodes) {
  const torch::NoGradGuard no_grad;
  BidirectionalAttention attention(8, 2);
  const auto feature = torch::randn({1, 8, 6, 6}), map = torch::randn({1, 8, 3, 3});
  const auto a = attention->forward(feature, map), b = attention->forward(feature, map.flip(3));
  EXPECT_TRUE(a.feature.allclose(b.feature, 1e-4, 1e-5));
  EXPECT_TRUE(a.map.flip(3).allclose(b.map, 1e-4, 1e-5));
  EXPECT_FALSE(a.map.allclose(b.map, 1e-3, 1e-3));
}

TEST(MbConvProperty, IsItsInputPlusAFunction) {
  const torch::NoGradGuard no_grad;
  MbConv block(8);
  block->pointwise->conv->weight.zero_();
  const auto x = torch::randn({2, 8, 5, 5});
  EXPECT_TRUE(block->forward(x).equal(x));
}

TEST(MapFusionProperty, EveryMapSeesEveryOther) {
  MapFusion fusion(MapFusionOptions{{4, 8}, 16, 1, 4});
  auto a = torch::randn({1, 4, 3, 3}).requires_grad_(),
       b = torch::randn({1, 8, 3, 3}).requires_grad_();
  const auto fused = fusion->forward({a, b});
  EXPECT_EQ(fused[0].sizes(), a.sizes());
  EXPECT_EQ(fused[1].sizes(), b.sizes());
  fused[0].select(3, 0).select(2, 0).sum().backward();
  EXPECT_TRUE(a.grad().abs().sum(1).gt(0).all().item<bool>());
  EXPECT_TRUE(b.grad().abs().sum(1).gt(0).all().item<bool>());
}

TEST(MedFormerBlocksProperty, KeepTheMemoryFormat) {
  const torch::NoGradGuard no_grad;
  AttentionBlock block(8, 2);
  block->eval();
  const auto x = torch::randn({2, 8, 6, 6}), map = torch::randn({2, 8, 3, 3});
  const auto plain = block->forward({x, map});
  const auto last = block->forward({x.contiguous(at::MemoryFormat::ChannelsLast), map});
  EXPECT_TRUE(last.feature.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(last.feature.allclose(plain.feature, 1e-4, 1e-5));
  EXPECT_TRUE(last.map.allclose(plain.map, 1e-4, 1e-5));
}

}  // namespace
}  // namespace dmcvr
