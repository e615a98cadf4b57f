// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/strips.h"

#include "support.h"
#include "training/support_training.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

TEST(Strips, GrayAndColors) {
  const auto unit = torch::tensor({{-1.0, 0.0, 0.5, 2.0}});
  const auto gray = colored(unit);
  EXPECT_EQ(gray.sizes(), (std::vector<int64_t>{1, 4, 3}));
  EXPECT_TRUE(torch::equal(gray.select(2, 1), torch::tensor({{0, 0, 128, 255}}, torch::kUInt8)));
  // Background stays as it is; every structure changes, each in its own way.
  const auto labels = torch::tensor({{0, 1, 2, 3}}, torch::kUInt8);
  const auto tinted = colored(torch::full({1, 4}, 0.5), labels).to(torch::kInt64);
  EXPECT_TRUE((tinted[0][0] == 128).all().item<bool>());
  EXPECT_GT(tinted[0][1][0].item<int64_t>(), tinted[0][1][2].item<int64_t>());  // red
  EXPECT_GT(tinted[0][3][2].item<int64_t>(), tinted[0][3][0].item<int64_t>());  // blue
  EXPECT_GT(tinted[0][2][1].item<int64_t>(), tinted[0][1][1].item<int64_t>());  // yellow
}

TEST(Strips, SideBySide) {
  const auto a = torch::full({3, 4, 3}, 1, torch::kUInt8),
             b = torch::full({3, 5, 3}, 2, torch::kUInt8);
  const auto strip = side_by_side({a, b});
  EXPECT_EQ(strip.sizes(), (std::vector<int64_t>{3, 11, 3}));
  EXPECT_TRUE(torch::equal(strip.slice(1, 0, 4), a));
  EXPECT_TRUE(torch::equal(strip.slice(1, 6, 11), b));
}

// A segmenter that knows the truth shows it twice.
TEST(Strips, SegmenterShowsPictureTruthAndPrediction) {
  const auto packed = test::ring_slices(8);
  InputRule rule = small_segmenter_rule();
  rule.patch_size = 64;
  const auto by_brightness = [](const torch::Tensor& x) {  // [N, 1, P, P] -> [N, 4, P, P]
    const auto steps = (x.squeeze(1) * kPackedSteps).round();
    const auto is = [&](double value) { return (steps == value).to(torch::kFloat32); };
    return torch::stack({torch::full_like(steps, 0.5), is(160), is(50), is(140)}, 1);
  };
  const auto strips = segmenter_strips(packed, rule, by_brightness, 3);
  ASSERT_EQ(strips.size(), 3u);
  for (const auto& [name, strip] : strips) {
    EXPECT_EQ(strip.sizes(), (std::vector<int64_t>{64, 3 * 64 + 4, 3})) << name;
    const auto truth = strip.slice(1, 66, 130);
    EXPECT_TRUE(torch::equal(truth, strip.slice(1, 132, 196))) << name;
    EXPECT_FALSE(torch::equal(truth, strip.slice(1, 0, 64))) << name;
  }
  EXPECT_EQ(segmenter_strips(packed, rule, by_brightness, 100).size(), 8u);
  EXPECT_TRUE(segmenter_strips(packed, rule, by_brightness, 0).empty());
}

// A generator whose codes hold nothing and that sees no noise in anything: the round trip is the
// picture, up to the scale of its first noise level, and between equal neighbors lies their
// picture.
TEST(Strips, GeneratorShowsPictureRoundTripAndInterpolation) {
  auto packed = test::ring_slices(6);
  for (size_t i = 0; i < packed.slices.size(); ++i) {
    packed.slices[i].case_index = static_cast<int64_t>(i) / 3;
    packed.slices[i].slice_index = static_cast<int64_t>(i) % 3;
    packed.slices[i].image = packed.slices[0].image;
    packed.slices[i].labels = packed.slices[0].labels;
  }
  InputRule rule = small_generator_rule();
  rule.patch_size = 64;
  std::vector<int64_t> encoded, drawn;
  GeneratorFunctions generator;
  generator.encode = [&](const torch::Tensor& x_0) {
    encoded.push_back(x_0.size(0));
    return CodesOfPictures{torch::ones({x_0.size(0), 2}), {}};
  };
  generator.epsilon = [&](const CodesOfPictures& codes) {
    drawn.push_back(codes.z_sem.size(0));
    EXPECT_FALSE(codes.l_mor.defined());
    EXPECT_TRUE(torch::allclose(codes.z_sem, torch::ones_like(codes.z_sem)));
    return [](const torch::Tensor& x_t, const torch::Tensor&) { return torch::zeros_like(x_t); };
  };
  const auto strips = generator_strips(packed, rule, generator, 4);
  ASSERT_EQ(strips.size(), 2u);  // the middle slices of two stacks
  EXPECT_EQ(encoded, std::vector<int64_t>{6});
  EXPECT_EQ(drawn, (std::vector<int64_t>{6, 4}));
  for (const auto& [name, strip] : strips) {
    const auto picture = strip.slice(1, 0, 64).to(torch::kInt64);
    for (const int64_t begin : {66, 132}) {
      const auto other = strip.slice(1, begin, begin + 64).to(torch::kInt64);
      EXPECT_LE((picture - other).abs().max().item<int64_t>(), 1) << name << begin;
    }
  }
  // Stacks of two slices have no middle.
  EXPECT_TRUE(generator_strips(test::ring_slices(6), rule, generator, 4).empty());
}

}  // namespace
}  // namespace dmcvr
