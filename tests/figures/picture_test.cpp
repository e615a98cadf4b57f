// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/picture.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

const Color kInk = {1, 0.5, 0};

// How many pixels of the picture have exactly that color.
int64_t pixels_of(const Picture& picture, const Color& color) {
  const auto wanted = torch::tensor({color.red, color.green, color.blue}, torch::kFloat32);
  return (picture.rgb == wanted).all(2).sum().item<int64_t>();
}

TEST(Picture, FillCoversItsBoxAndNothingElse) {
  Picture picture = blank_picture(10, 20, {});
  fill(picture, {2, 3, 4, 5}, kInk);
  EXPECT_EQ(pixels_of(picture, kInk), 20);
  EXPECT_EQ(pixels_of(picture, {}), 180);
  EXPECT_FLOAT_EQ(picture.rgb[2][3][1].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(picture.rgb[5][7][1].item<float>(), 0.5f);
}

TEST(PictureProperty, WhatLiesOutsideIsLeftOut) {
  for (int64_t row = -6; row <= 12; row += 3) {
    for (int64_t column = -6; column <= 12; column += 3) {
      Picture picture = blank_picture(8, 8, {});
      fill(picture, {row, column, 4, 4}, kInk);
      const int64_t rows =
          std::max<int64_t>(0, std::min<int64_t>(row + 4, 8) - std::max<int64_t>(row, 0));
      const int64_t columns =
          std::max<int64_t>(0, std::min<int64_t>(column + 4, 8) - std::max<int64_t>(column, 0));
      EXPECT_EQ(pixels_of(picture, kInk), rows * columns) << row << " " << column;

      Picture pasted = blank_picture(8, 8, {});
      paste(pasted, blank_picture(4, 4, kInk), row, column);
      EXPECT_TRUE(pasted.rgb.equal(picture.rgb)) << row << " " << column;

      Picture blended = blank_picture(8, 8, {});
      blend(blended, torch::ones({4, 4}), row, column, kInk);
      EXPECT_TRUE(blended.rgb.equal(picture.rgb)) << row << " " << column;
    }
  }
}

TEST(Picture, AFrameSurroundsItsBox) {
  Picture picture = blank_picture(20, 20, {});
  draw_frame(picture, {5, 6, 4, 3}, 2, kInk);
  EXPECT_EQ(pixels_of(picture, kInk), 8 * 7 - 4 * 3);
  EXPECT_EQ(picture.rgb.slice(0, 5, 9).slice(1, 6, 9).sum().item<float>(), 0);
}

TEST(Picture, GrayRunsFromLowToHighAndShowsMissingValues) {
  const auto image =
      torch::tensor({{-5., 0., 50., 100., 900.}, {std::nan(""), 25., 75., 10., 20.}});
  const Picture picture = gray_picture(image, 0, 100, kInk);
  const float expected[] = {0, 0, 0.5f, 1, 1};
  for (int64_t column = 0; column < 5; ++column) {
    for (int64_t channel = 0; channel < 3; ++channel) {
      EXPECT_FLOAT_EQ(picture.rgb[0][column][channel].item<float>(), expected[column]);
    }
  }
  EXPECT_EQ(pixels_of(picture, kInk), 1);
}

TEST(Picture, BlendMixesByCoverage) {
  Picture picture = blank_picture(1, 2, {0, 0, 1});
  blend(picture, torch::tensor({{0.25f, 0.f}}), 0, 0, {1, 0, 0});
  EXPECT_FLOAT_EQ(picture.rgb[0][0][0].item<float>(), 0.25f);
  EXPECT_FLOAT_EQ(picture.rgb[0][0][2].item<float>(), 0.75f);
  EXPECT_FLOAT_EQ(picture.rgb[0][1][2].item<float>(), 1.f);
}

TEST(Picture, BytesAreRounded) {
  const auto bytes = to_bytes(blank_picture(2, 3, {1, 0.5, 0}));
  EXPECT_EQ(bytes.scalar_type(), torch::kUInt8);
  EXPECT_TRUE(bytes.is_contiguous());
  EXPECT_EQ(bytes[1][2][0].item<int>(), 255);
  EXPECT_EQ(bytes[1][2][1].item<int>(), 128);
  EXPECT_EQ(bytes[1][2][2].item<int>(), 0);
}

}  // namespace
}  // namespace dmcvr
