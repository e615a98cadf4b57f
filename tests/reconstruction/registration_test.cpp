// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/registration.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/random.h"
#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/reconstruction/linear.h"
#include "dmcvr/reconstruction/shape.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

constexpr int64_t kMovingSide = 96;
constexpr std::array<double, 2> kMovingPixel = {1.5, 1.5};

// Distance in mm of each pixel from a point.
torch::Tensor distance_from(double x_mm, double y_mm) {
  const auto place = torch::arange(kMovingSide, torch::kFloat64) * 1.5;
  return ((place.view({1, -1}) - x_mm).pow(2) + (place.view({-1, 1}) - y_mm).pow(2)).sqrt();
}

struct MovingSlice {
  torch::Tensor picture, labels;
};

// A bright cavity in a dark wall beside a bright right ventricle, all moved by shift_mm along x.
MovingSlice moving_slice(double shift_mm) {
  const auto left = distance_from(80 + shift_mm, 72), right = distance_from(45 + shift_mm, 72);
  MovingSlice slice{torch::full({kMovingSide, kMovingSide}, 100.0),
                    torch::zeros({kMovingSide, kMovingSide}, torch::kUInt8)};
  // Soft borders 2 mm wide, as those of a scanner.
  const auto within = [](const torch::Tensor& distance, double radius_mm) {
    return ((radius_mm - distance) / 2).sigmoid();
  };
  const auto paint = [&](const torch::Tensor& weight, double value) {
    slice.picture = slice.picture + weight * (value - slice.picture);
  };
  paint(within(right, 15), 300);
  paint(within(left, 24), 40);
  paint(within(left, 15), 320);
  slice.picture = slice.picture.to(torch::kFloat32);
  slice.labels.masked_fill_(right < 15, kRvc);
  slice.labels.masked_fill_(left < 24, kLvm);
  slice.labels.masked_fill_(left < 15, kLvc);
  return slice;
}

Registered between(const MovingSlice& a, const MovingSlice& b, const std::vector<double>& z_mm) {
  return mix_registered(torch::stack({a.picture, b.picture}), torch::stack({a.labels, b.labels}),
                        {0, 10}, z_mm, kMovingPixel);
}

torch::Tensor noise_picture(uint64_t index) {
  auto random = make_generator(1, "registration", index);
  const auto coarse = at::randn({1, 1, 8, 8}, random, torch::kFloat32);
  return at::upsample_bicubic2d(coarse, {kMovingSide, kMovingSide}, false)[0] * 0.3;
}

}  // namespace

TEST(Registration, EqualSlicesStayAsTheyAre) {
  const auto slice = moving_slice(0);
  const auto made = between(slice, slice, {2, 5, 9});
  for (int64_t m = 0; m < 3; ++m) {
    EXPECT_TRUE(made.images[m].allclose(slice.picture, 1e-5, 1e-2)) << m;
    EXPECT_TRUE(made.labels[m].equal(slice.labels)) << m;
  }
}

TEST(Registration, GivenSlicesComeOutAtTheirPlaces) {
  const auto a = moving_slice(0), b = moving_slice(7);
  const auto made = between(a, b, {0, 10});
  EXPECT_TRUE(made.images[0].allclose(a.picture, 1e-5, 1e-2));
  EXPECT_TRUE(made.images[1].allclose(b.picture, 1e-5, 1e-2));
  EXPECT_TRUE(made.labels[0].equal(a.labels));
  EXPECT_TRUE(made.labels[1].equal(b.labels));
}

TEST(Registration, WhatMovesIsFoundOnItsWay) {
  const auto a = moving_slice(-5), b = moving_slice(5);
  for (const double fraction : {0.25, 0.5}) {
    const auto truth = moving_slice(-5 + 10 * fraction);
    const auto made = between(a, b, {10 * fraction});
    const auto slices = torch::stack({a.picture, b.picture});
    const auto mixed = mix_linearly(slices, {0, 10}, {10 * fraction});
    // A rigid shift of the structures in still surroundings: nothing else can explain it.
    EXPECT_GT(psnr(made.images[0] / 320, truth.picture / 320),
              psnr(mixed[0] / 320, truth.picture / 320) + 6)
        << fraction;
    for (const uint8_t label : {kLvc, kLvm, kRvc}) {
      EXPECT_GT(overlap(made.labels[0] == label, truth.labels == label).dice, 0.94)
          << fraction << ' ' << int{label};
    }
  }
}

TEST(Registration, SwappedSlicesGiveTheOppositeDisplacement) {
  const auto a = noise_picture(0), b = noise_picture(1);
  const auto forth = displacement(a, b, 1.5), back = displacement(b, a, 1.5);
  EXPECT_GT(forth.abs().max().item<double>(), 1);
  // Sums of floats in another order.
  EXPECT_LT((forth + back).abs().max().item<double>(), 1e-2);
}

TEST(Registration, NothingFoldsHoweverDifferentTheSlices) {
  for (uint64_t n = 0; n < 4; ++n) {
    const auto u = displacement(noise_picture(2 * n), noise_picture(2 * n + 1), 1.5);
    for (const double half : {-0.5, 0.5}) {
      const auto v = half * u;  // p + v(p) on both slices
      const auto dx = v.narrow(2, 1, kMovingSide - 1) - v.narrow(2, 0, kMovingSide - 1);
      const auto dy = v.narrow(1, 1, kMovingSide - 1) - v.narrow(1, 0, kMovingSide - 1);
      const auto x = dx.narrow(1, 0, kMovingSide - 1), y = dy.narrow(2, 0, kMovingSide - 1);
      const auto determinant = (1 + x[0]) * (1 + y[1]) - x[1] * y[0];
      EXPECT_GT(determinant.min().item<double>(), 0) << n;
    }
  }
}

TEST(Registration, LabelsWithoutMotionAreThoseOfShapes) {
  RegistrationOptions still;
  still.iterations = 0;
  const auto a = moving_slice(-4), b = moving_slice(4);
  const auto labels = torch::stack({a.labels, b.labels});
  // Where no mix of distances, odd numbers of half pixels along rows and columns, is exactly zero.
  const std::vector<double> z = {2, 4.9, 5.2, 7.9};
  const auto made =
      mix_registered(torch::stack({a.picture, b.picture}), labels, {0, 10}, z, kMovingPixel, still);
  EXPECT_TRUE(made.labels.equal(mix_shapes(labels, {0, 10}, z, kMovingPixel)));
}

TEST(Registration, AnyNumberOfThreadsGivesTheSameBytes) {
  std::vector<torch::Tensor> pictures, labels;
  for (const double shift_mm : {0, 6, 9, 3}) {
    const MovingSlice slice = moving_slice(shift_mm);
    pictures.push_back(slice.picture);
    labels.push_back(slice.labels);
  }
  const int threads = at::get_num_threads();
  const auto with_threads = [&](int count) {
    at::set_num_threads(count);
    return mix_registered(torch::stack(pictures), torch::stack(labels), {0, 10, 20, 30},
                          {2, 5, 13, 27, 29}, kMovingPixel);
  };
  const Registered one = with_threads(1), three = with_threads(3);
  at::set_num_threads(threads);
  EXPECT_TRUE(one.images.equal(three.images));
  EXPECT_TRUE(one.labels.equal(three.labels));
}

TEST(Registration, RefusesImpossibleOptions) {
  RegistrationOptions options;
  options.levels = 0;
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.smooth_pixels = -1;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace dmcvr
