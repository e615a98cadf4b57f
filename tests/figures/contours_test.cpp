// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/contours.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// Weights of a soft disk of label `label` around the middle of a square picture.
torch::Tensor disk_weights(int64_t label, int64_t size, double radius) {
  const auto axis = torch::arange(size, torch::kFloat32) - (size - 1) / 2.0;
  const auto distance = (axis.unsqueeze(0).square() + axis.unsqueeze(1).square()).sqrt();
  auto weights = torch::zeros({kLabelCount, size, size});
  weights[label] = ((radius - distance) / 6 + 0.5).clamp(0, 1);
  weights[0] = 1 - weights[label];
  return weights;
}

TEST(ContoursProperty, TheLineHasItsWidthAndLiesOnTheBoundary) {
  for (const double radius : {12., 17.3, 25.}) {
    for (const double width : {1.5, 2., 3.}) {
      Picture picture = blank_picture(80, 80, {});
      ContourOptions options;
      options.width_px = width;
      draw_contours(picture, disk_weights(kRvc, 80, radius), options);
      const auto coverage = picture.rgb.select(2, 2) / label_color(kRvc).blue;
      const double perimeter = 2 * M_PI * radius;
      EXPECT_NEAR(coverage.sum().item<double>() / perimeter, width, 0.12 * width) << radius;
      const auto inked = (coverage > 0.5).nonzero().to(torch::kFloat32) - 39.5;
      const auto distance = (inked.square().sum(1).sqrt() - radius).abs();
      EXPECT_LT(distance.max().item<double>(), width / 2 + 0.5) << radius;
    }
  }
}

TEST(Contours, TheMuscleShowsAsTheEpicardiumAlone) {
  // A ring of muscle around a cavity: no yellow where they meet.
  const auto cavity = disk_weights(kLvc, 80, 12), whole = disk_weights(kLvm, 80, 24);
  auto weights = cavity.clone();
  weights[kLvm] = whole[kLvm] - cavity[kLvc];
  weights[0] = whole[0];
  Picture picture = blank_picture(80, 80, {});
  draw_contours(picture, weights);
  const auto green = picture.rgb.select(2, 1) / label_color(kLvm).green;
  const auto axis = torch::arange(80, torch::kFloat32) - 39.5;
  const auto distance = (axis.unsqueeze(0).square() + axis.unsqueeze(1).square()).sqrt();
  EXPECT_LT(green.masked_select(distance < 16).max().item<float>(), 0.5);
  EXPECT_GT(green.masked_select((distance - 24).abs() < 0.5).min().item<float>(), 0.8);
}

// A label map [H, W] whose borders are a pixel wide.
torch::Tensor weights_of(const torch::Tensor& labels) {
  const auto masks = torch::one_hot(labels.to(torch::kInt64), kLabelCount).permute({2, 0, 1});
  return at::avg_pool2d(masks.to(torch::kFloat32), 3, 1, 1, false, false);
}

TEST(Contours, WithoutLabelsNothingIsDrawn) {
  Picture picture = blank_picture(16, 16, {0.2, 0.2, 0.2});
  const auto before = picture.rgb.clone();
  draw_contours(picture, weights_of(torch::zeros({16, 16}, torch::kUInt8)));
  EXPECT_TRUE(picture.rgb.equal(before));
}

TEST(Contours, EveryLabelHasItsOwnColor) {
  auto labels = torch::zeros({96, 96}, torch::kUInt8);
  labels.slice(0, 8, 40).slice(1, 8, 40) = kLvc;
  labels.slice(0, 56, 88).slice(1, 8, 40) = kLvm;
  labels.slice(0, 8, 40).slice(1, 56, 88) = kRvc;
  Picture picture = blank_picture(96, 96, {});
  ContourOptions options;
  options.is_antialiased = false;
  draw_contours(picture, weights_of(labels), options);
  for (const int64_t label : {kLvc, kLvm, kRvc}) {
    const Color color = label_color(label);
    const auto wanted = torch::tensor({color.red, color.green, color.blue}, torch::kFloat32);
    EXPECT_GT(((picture.rgb - wanted).abs() < 1e-6).all(2).sum().item<int64_t>(), 80) << label;
  }
  EXPECT_THROW(label_color(7), Error);
}

TEST(Contours, FillTintsTheInside) {
  Picture picture = blank_picture(40, 40, {});
  ContourOptions options;
  options.fill_opacity = 0.5;
  draw_contours(picture, disk_weights(kRvc, 40, 10), options);
  EXPECT_NEAR(picture.rgb[20][20][2].item<double>(), label_color(kRvc).blue / 2, 1e-6);
  EXPECT_EQ(picture.rgb[0][0].sum().item<float>(), 0);
}

}  // namespace
}  // namespace dmcvr
