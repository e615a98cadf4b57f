// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/picture.h"

#include <algorithm>

namespace dmcvr {
namespace {

torch::Tensor color_tensor(const Color& color) {
  return torch::tensor({color.red, color.green, color.blue}, torch::kFloat32);  // [3]
}

// The part of `box` that lies on the canvas.
Box visible(const Picture& canvas, const Box& box) {
  const int64_t top = std::clamp<int64_t>(box.row, 0, canvas.height());
  const int64_t left = std::clamp<int64_t>(box.column, 0, canvas.width());
  const int64_t bottom = std::clamp<int64_t>(box.row + box.height, top, canvas.height());
  const int64_t right = std::clamp<int64_t>(box.column + box.width, left, canvas.width());
  return {top, left, bottom - top, right - left};
}

torch::Tensor part(const torch::Tensor& image, const Box& box) {
  return image.narrow(0, box.row, box.height).narrow(1, box.column, box.width);
}

// Of a tile whose corner lies at (row, column) of the canvas: the part shown by `shown`.
Box on_tile(const Box& shown, int64_t row, int64_t column) {
  return {shown.row - row, shown.column - column, shown.height, shown.width};
}

bool is_empty(const Box& box) {
  return box.height <= 0 || box.width <= 0;
}

}  // namespace

Picture blank_picture(int64_t height, int64_t width, const Color& color) {
  TORCH_CHECK(height >= 0 && width >= 0, "blank_picture: ", height, " by ", width);
  return {color_tensor(color).expand({height, width, 3}).clone()};
}

Picture gray_picture(const torch::Tensor& image, double low, double high, const Color& outside) {
  TORCH_CHECK(image.dim() == 2, "gray_picture: image of shape ", image.sizes());
  const auto values = image.to(torch::kFloat32);
  const double range = std::max(high - low, 1e-12);
  const auto gray =
      ((values - low) / range).clamp(0, 1).unsqueeze(2).expand({-1, -1, 3});  // [H, W, 3]
  return {torch::where(values.isnan().unsqueeze(2), color_tensor(outside), gray).contiguous()};
}

void paste(Picture& canvas, const Picture& tile, int64_t row, int64_t column) {
  const Box shown = visible(canvas, {row, column, tile.height(), tile.width()});
  if (is_empty(shown)) return;
  part(canvas.rgb, shown).copy_(part(tile.rgb, on_tile(shown, row, column)));
}

void fill(Picture& canvas, const Box& box, const Color& color) {
  const Box shown = visible(canvas, box);
  if (!is_empty(shown)) part(canvas.rgb, shown).copy_(color_tensor(color));
}

void draw_frame(Picture& canvas, const Box& box, int64_t thickness, const Color& color) {
  const int64_t outer = box.width + 2 * thickness;
  fill(canvas, {box.row - thickness, box.column - thickness, thickness, outer}, color);
  fill(canvas, {box.row + box.height, box.column - thickness, thickness, outer}, color);
  fill(canvas, {box.row, box.column - thickness, box.height, thickness}, color);
  fill(canvas, {box.row, box.column + box.width, box.height, thickness}, color);
}

void blend(Picture& canvas, const torch::Tensor& coverage, int64_t row, int64_t column,
           const Color& color) {
  TORCH_CHECK(coverage.dim() == 2, "blend: coverage of shape ", coverage.sizes());
  const Box shown = visible(canvas, {row, column, coverage.size(0), coverage.size(1)});
  if (is_empty(shown)) return;
  const auto weight = part(coverage.to(torch::kFloat32), on_tile(shown, row, column)).unsqueeze(2);
  auto target = part(canvas.rgb, shown);  // [h, w, 3]
  target.copy_(target + weight.clamp(0, 1) * (color_tensor(color) - target));
}

torch::Tensor to_bytes(const Picture& picture) {
  return (picture.rgb.clamp(0, 1) * 255).round().to(torch::kUInt8).contiguous();
}

}  // namespace dmcvr
