// SPDX-License-Identifier: Apache-2.0
// Pictures to look at, and the few strokes that figures are made of. Rows run downwards, columns to
// the right; what falls outside a picture is left out.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

struct Color {
  double red = 0;  // each in [0, 1]
  double green = 0;
  double blue = 0;
};

struct Picture {
  torch::Tensor rgb;  // [H, W, 3] float32 in [0, 1]

  int64_t height() const { return rgb.size(0); }
  int64_t width() const { return rgb.size(1); }
};

// Where something is drawn: its upper left corner and its size, in pixels.
struct Box {
  int64_t row = 0;
  int64_t column = 0;
  int64_t height = 0;
  int64_t width = 0;
};

Picture blank_picture(int64_t height, int64_t width, const Color& color);

// `image` [H, W], any type: `low` and below is black, `high` and above white. NaN shows `outside`.
Picture gray_picture(const torch::Tensor& image, double low, double high,
                     const Color& outside = {});

void paste(Picture& canvas, const Picture& tile, int64_t row, int64_t column);
void fill(Picture& canvas, const Box& box, const Color& color);

// A frame of `thickness` pixels around the box, outside of it.
void draw_frame(Picture& canvas, const Box& box, int64_t thickness, const Color& color);

// Mixes `color` into the canvas where coverage [h, w], in [0, 1], is above 0.
void blend(Picture& canvas, const torch::Tensor& coverage, int64_t row, int64_t column,
           const Color& color);

// [H, W, 3] uint8, as image files want it.
torch::Tensor to_bytes(const Picture& picture);

}  // namespace dmcvr
