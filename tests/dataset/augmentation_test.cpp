// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/augmentation.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

// A smooth picture with labels by thresholds.
PackedSlice smooth_slice(int64_t rows, int64_t columns) {
  const auto y = torch::arange(rows, torch::kFloat64).unsqueeze(1) / 9,
             x = torch::arange(columns, torch::kFloat64) / 7;
  PackedSlice slice;
  slice.image = (100 + 50 * y.sin() + 40 * (x + 0.3 * y).cos()).round().to(torch::kUInt8);
  slice.labels = (slice.image > 100).to(torch::kUInt8) + (slice.image > 140).to(torch::kUInt8);
  return slice;
}

TEST(Augmentation, PatchOnTheGridIsACopy) {
  const auto slice = smooth_slice(60, 50);
  Placement placement;
  placement.row = 7 + 15.5;
  placement.column = 11 + 15.5;
  const auto sample = cut_patch(slice, placement, 32, 32);
  const auto window = [](const torch::Tensor& t) { return t.slice(0, 7, 39).slice(1, 11, 43); };
  EXPECT_TRUE(
      torch::allclose(sample.image, window(slice.image).to(torch::kFloat32) / kPackedSteps));
  EXPECT_TRUE(torch::equal(sample.labels, window(slice.labels)));
}

TEST(Augmentation, OutsideTheSliceIsZero) {
  const auto slice = smooth_slice(20, 24);
  Placement placement;
  placement.row = -0.5;
  placement.column = -0.5;
  const auto sample = cut_patch(slice, placement, 16, 16);
  EXPECT_EQ(sample.image.slice(0, 0, 8).abs().sum().item<float>(), 0);
  EXPECT_EQ(sample.image.slice(1, 0, 8).abs().sum().item<float>(), 0);
  EXPECT_TRUE(torch::allclose(
      sample.image.slice(0, 8).slice(1, 8),
      slice.image.slice(0, 0, 8).slice(1, 0, 8).to(torch::kFloat32) / kPackedSteps));
  placement.row = 1e6;
  EXPECT_EQ(cut_patch(slice, placement, 16, 16).image.sum().item<float>(), 0);
}

TEST(Augmentation, QuarterTurnsAndMirrorsAreExact) {
  const auto slice = smooth_slice(41, 41);
  Placement placement;
  placement.row = placement.column = 20;
  const auto upright = cut_patch(slice, placement, 21, 21);
  placement.angle_rad = M_PI / 2;
  const auto turned = cut_patch(slice, placement, 21, 21);
  const bool is_turned =
      torch::allclose(turned.image, torch::rot90(upright.image, 1), 1e-4, 1e-4) ||
      torch::allclose(turned.image, torch::rot90(upright.image, -1), 1e-4, 1e-4);
  EXPECT_TRUE(is_turned);
  placement.angle_rad = 0;
  placement.is_mirrored = true;
  const auto mirrored = cut_patch(slice, placement, 21, 21);
  EXPECT_TRUE(torch::equal(mirrored.image, upright.image.flip(1)));
  EXPECT_TRUE(torch::equal(mirrored.labels, upright.labels.flip(1)));
}

TEST(AugmentationProperty, ImageAndLabelsMoveTogether) {
  const auto slice = smooth_slice(120, 120);
  AugmentationOptions options;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    auto generator = make_generator(seed, "placement");
    Placement center;
    center.row = center.column = 60;
    const auto sample = cut_patch(slice, draw_placement(center, options, generator), 48, 48);
    // Labels are thresholds of the image; they agree but at the borders between them.
    const auto expected = (sample.image * kPackedSteps > 100.5).to(torch::kUInt8) +
                          (sample.image * kPackedSteps > 140.5).to(torch::kUInt8);
    EXPECT_GT((expected == sample.labels).to(torch::kFloat64).mean().item<double>(), 0.93) << seed;
  }
}

TEST(AugmentationProperty, DrawsStayInTheirRanges) {
  AugmentationOptions options;
  options.rotation_deg = 20;
  double mirrored = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    auto generator = make_generator(seed, "draws");
    const auto placement = draw_placement({}, options, generator);
    EXPECT_LE(std::abs(placement.angle_rad), 20 * M_PI / 180);
    EXPECT_LE(std::abs(std::log(placement.step)), options.scale);
    mirrored += placement.is_mirrored;
    const auto tone = draw_tone(options, generator);
    EXPECT_LE(std::abs(std::log(tone.gamma)), options.gamma);
    EXPECT_LE(std::abs(tone.contrast - 1), options.contrast);
    EXPECT_LE(std::hypot(tone.shade_row, tone.shade_column), options.shading + 1e-12);
    EXPECT_GE(tone.noise, 0);
    EXPECT_LE(tone.noise, options.noise);
  }
  EXPECT_NEAR(mirrored / 300, 0.5, 0.1);
}

TEST(Augmentation, NeutralToneChangesNothing) {
  auto generator = make_generator(3, "tone");
  const auto image = torch::rand({20, 30}, generator);
  EXPECT_TRUE(torch::equal(apply_tone(image, {}, generator), image));
}

TEST(Augmentation, ToneIsNeverNegative) {
  auto generator = make_generator(4, "tone");
  Tone tone;
  tone.brightness = -0.5;
  tone.noise = 0.2;
  const auto toned = apply_tone(torch::rand({20, 30}, generator), tone, generator);
  EXPECT_GE(toned.min().item<float>(), 0);
  EXPECT_GT(toned.max().item<float>(), 0);
}

TEST(AugmentationGolden, ReferenceGammaAndAffine) {
  const auto expected = test::golden("augment");
  const auto image = test::golden_input("aug.x", {1, 1, 16, 16}, 0.5, 0.5);
  const auto labels = (2 * (test::golden_input("aug.l", {1, 1, 16, 16}) + 1)).to(torch::kInt64);
  test::expect_close(reference_gamma(image, 0.5 + 0.25 * 1.1), expected.at("gamma_u0.25"), 1e-6,
                     "augment gamma");
  const auto theta = reference_theta(0.18, -0.12, 0.06, -0.06, 37);
  test::expect_close(reference_affine(image, theta, false), expected.at("affine.img"), 5e-6,
                     "augment affine image");
  test::expect_close(reference_affine(labels, theta, true), expected.at("affine.lab"), 0,
                     "augment affine labels");
}

// What is drawn, read off constant pictures with a disc of label 1 in the middle: the affine keeps
// the middle where it is, and the area of the disc is divided by its determinant.
TEST(Augmentation, ReferenceRecipeDrawsFromThePublishedRanges) {
  constexpr int64_t kSide = 97, kMiddle = kSide / 2;
  const auto away = torch::arange(kSide) - kMiddle;
  const auto squared = away.square().unsqueeze(0) + away.square().unsqueeze(1);  // from the middle
  Sample sample{torch::full({kSide, kSide}, 0.5), squared.le(12 * 12).to(torch::kUInt8)};
  sample.labels.masked_fill_((squared > 6 * 6) & (away > 0).unsqueeze(1) & (away.abs() < 2), 2);
  const double area = sample.labels.gt(0).sum().item<double>();
  std::vector<double> brightness, noise, determinant;
  torch::Tensor direction =
      torch::zeros({2, 2});  // how often the mark lies below, and to the right
  for (uint64_t seed = 0; seed < 400; ++seed) {
    auto generator = make_generator(seed, "reference ranges");
    const auto drawn = augment_as_reference(sample, generator);
    brightness.push_back(drawn.image[kMiddle][kMiddle].item<double>() - 0.5);
    const auto inside = drawn.image.masked_select(drawn.labels.gt(0));
    noise.push_back(inside.std().item<double>());
    determinant.push_back(area / drawn.labels.gt(0).sum().item<double>());
    const auto mark = drawn.labels.eq(2).nonzero().to(torch::kFloat).mean(0) - kMiddle;
    direction[mark[0].item<float>() > 0][mark[1].item<float>() > 0] += 1;
  }
  const auto shown = [](const std::vector<double>& values) {
    const auto all = torch::tensor(values, torch::kFloat64);
    return std::pair{all.mean().item<double>(), all.std().item<double>()};
  };
  EXPECT_NEAR(shown(brightness).first, 0, 0.12);
  EXPECT_NEAR(shown(brightness).second, 0.7, 0.08);
  // .02, smoothed where it is interpolated.
  EXPECT_GT(shown(noise).first, 0.011);
  EXPECT_LT(shown(noise).first, 0.02);
  // (1 + a)(1 + b) - c d of four uniform in ±.3: mean 1, variance .03 + .03 + 2 x .03².
  EXPECT_NEAR(shown(determinant).first, 1, 0.04);
  EXPECT_NEAR(shown(determinant).second, std::sqrt(0.0618), 0.03);
  EXPECT_GT(direction.min().item<float>(), 60) << direction;  // of 100, if all angles are as likely
}

TEST(Augmentation, ReferenceGammaIsDrawnBetweenAHalfAndEightFifths) {
  // Three plateaus of 0, 40 and 80: the middle one comes to 2^-gamma of the way from first to last,
  // whatever mean and deviation are restored.
  constexpr int64_t kSide = 65;
  const auto away = torch::arange(kSide) - kSide / 2;
  const auto squared = away.square().unsqueeze(0) + away.square().unsqueeze(1);
  Sample sample;
  sample.labels = torch::ones({kSide, kSide}, torch::kUInt8);
  sample.labels.masked_fill_(squared <= 18 * 18, 2).masked_fill_(squared <= 9 * 9, 3);
  sample.image = (sample.labels.to(torch::kFloat32) - 1) * 40;
  double lowest = 9, highest = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    auto generator = make_generator(seed, "reference gamma");
    const auto drawn = augment_as_reference(sample, generator);
    const auto plateau = [&](int64_t label) {
      return drawn.image.masked_select(drawn.labels.eq(label)).median().item<double>();
    };
    const double gamma = std::log2((plateau(3) - plateau(1)) / (plateau(2) - plateau(1)));
    lowest = std::min(lowest, gamma);
    highest = std::max(highest, gamma);
  }
  EXPECT_NEAR(lowest, 0.5, 0.03);
  EXPECT_NEAR(highest, 1.6, 0.03);
}

TEST(Augmentation, ReferenceRecipeIsAFunctionOfItsKey) {
  const auto sample = cut_patch(smooth_slice(40, 40), {20, 20, 0, 1, false}, 32, 32);
  const auto draw = [&](uint64_t seed) {
    auto generator = make_generator(seed, "reference");
    return augment_as_reference(sample, generator);
  };
  EXPECT_TRUE(torch::equal(draw(1).image, draw(1).image));
  EXPECT_TRUE(torch::equal(draw(1).labels, draw(1).labels));
  EXPECT_FALSE(torch::equal(draw(1).image, draw(2).image));
}

TEST(Augmentation, BadRangesAreErrors) {
  AugmentationOptions options;
  options.rotation_deg = 200;
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.noise = -0.1;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace dmcvr
