// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/decode.h"

#include "reconstruction/tiny_networks.h"

#include "dmcvr/reconstruction/encode.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Decode, BatchesOfAnySizeGiveTheSamePictures) {
  auto networks = test::tiny_networks();
  EncodeOptions encoding;
  encoding.solver.nodes = 4;
  const Codes codes = encode(test::tiny_pictures(3), networks, encoding);
  const auto one = decode(codes, networks, {encoding.solver, 1});
  const auto all = decode(codes, networks, {encoding.solver, 8});
  EXPECT_EQ(one.sizes(), at::IntArrayRef({3, 1, 64, 64}));
  EXPECT_LT((one - all).abs().max().item<double>(), 1e-5 * all.abs().max().item<double>());
}

// The round trip is exact in the limit of many steps, whatever the network.
TEST(Decode, MoreNodesBringBackTheSliceBetter) {
  auto networks = test::tiny_networks();
  const auto pictures = test::tiny_pictures(1);
  double last = 1e9;
  for (const int64_t nodes : {4, 12, 36}) {
    EncodeOptions encoding;
    encoding.solver.nodes = nodes;
    const auto back = decode(encode(pictures, networks, encoding), networks, {encoding.solver, 1});
    const double error = (back - pictures).square().mean().sqrt().item<double>();
    EXPECT_LT(error, last) << nodes;
    last = error;
  }
}

// Eight bits of mantissa in every layer, and the same precision on both ways.
TEST(Decode, Bfloat16GivesNearlyTheSamePictures) {
  if (!computes_in_bfloat16(torch::kCPU)) GTEST_SKIP() << "this processor lacks bfloat16";
  auto networks = test::tiny_networks();
  EncodeOptions encoding;
  encoding.solver.nodes = 4;
  const auto pictures = test::tiny_pictures(2);
  const auto picture_of = [&](Precision precision) {
    encoding.precision = precision;
    const Codes codes = encode(pictures, networks, encoding);
    EXPECT_EQ(codes.x_T.scalar_type(), torch::kFloat32);
    EXPECT_EQ(codes.z_sem.scalar_type(), torch::kFloat32);
    return decode(codes, networks, {encoding.solver, 2, precision});
  };
  const auto exact = picture_of(Precision::float32), rounded = picture_of(Precision::bfloat16);
  EXPECT_EQ(rounded.scalar_type(), torch::kFloat32);
  const double difference = (rounded - exact).square().mean().sqrt().item<double>();
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference, 0.1 * exact.std().item<double>());
}

// Hardly any noise leaves the picture; more of it lets the codes draw.
TEST(Decode, FromAPictureItStaysTheNearerTheLessNoise) {
  auto networks = test::tiny_networks();
  EncodeOptions encoding;
  encoding.solver.nodes = 4;
  const auto pictures = test::tiny_pictures(2);
  const Codes codes = encode(pictures, networks, encoding);
  double last = 0;
  for (const double sigma : {0.011, 0.3, 10.0}) {
    const auto out =
        decode_from(pictures, codes, networks, {encoding.solver, 1, Precision::float32, sigma});
    const double change = (out - pictures).square().mean().sqrt().item<double>();
    EXPECT_GT(change, last) << sigma;
    last = change;
    if (sigma < 0.02) {
      EXPECT_LT(change, 0.03);
    }
  }
}

TEST(Decode, NoCodesGiveNoPictures) {
  auto networks = test::tiny_networks();
  const Codes none{torch::empty({0, 16}), torch::empty({0, 64, 4, 4}),
                   torch::empty({0, 1, 64, 64})};
  EXPECT_EQ(decode(none, networks, {}).size(0), 0);
}

}  // namespace dmcvr
