// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/montage.h"

#include <algorithm>

namespace dmcvr {
namespace {

// Pixels between frame and caption.
int64_t caption_gap(const MontageOptions& options) {
  return 1 + options.caption.height_px / 4;
}

// The style in which the caption is no wider than its column, down to what can still be read.
TextStyle fitting(const std::string& caption, TextStyle style, int64_t width) {
  constexpr int64_t kSmallest = 8;
  while (style.height_px > kSmallest && text_coverage(caption, style).size(1) > width)
    --style.height_px;
  return style;
}

}  // namespace

Picture montage(const std::vector<Tile>& tiles, const MontageOptions& options) {
  TORCH_CHECK(options.columns > 0, "montage: ", options.columns, " columns");
  const auto count = static_cast<int64_t>(tiles.size());
  if (count == 0) return blank_picture(0, 0, options.background);

  // Sizes of the raster.
  const int64_t columns = std::min(options.columns, count);
  const int64_t rows = (count + columns - 1) / columns;
  int64_t width = 0;
  bool has_captions = false;
  std::vector<int64_t> row_heights(static_cast<size_t>(rows), 0);
  for (int64_t i = 0; i < count; ++i) {
    const Tile& tile = tiles[static_cast<size_t>(i)];
    width = std::max(width, tile.picture.width());
    auto& row_height = row_heights[static_cast<size_t>(i / columns)];
    row_height = std::max(row_height, tile.picture.height());
    has_captions = has_captions || !tile.caption.empty();
  }
  const int64_t caption_height =
      has_captions ? caption_gap(options) + text_coverage("0", options.caption).size(0) : 0;
  const int64_t step = width + 2 * options.frame_px + options.gap_px;
  int64_t height = -options.gap_px;
  for (const int64_t row_height : row_heights) {
    height += row_height + 2 * options.frame_px + caption_height + options.gap_px;
  }

  // Tiles, frames and captions.
  Picture canvas = blank_picture(height, columns * step - options.gap_px, options.background);
  int64_t top = options.frame_px;
  for (int64_t i = 0; i < count; ++i) {
    const Tile& tile = tiles[static_cast<size_t>(i)];
    const int64_t row_height = row_heights[static_cast<size_t>(i / columns)];
    const int64_t left = (i % columns) * step + options.frame_px;
    const Box box = {top, left, tile.picture.height(), tile.picture.width()};
    paste(canvas, tile.picture, box.row, box.column);
    if (tile.frame) draw_frame(canvas, box, options.frame_px, *tile.frame);
    draw_text(canvas, tile.caption, top + row_height + options.frame_px + caption_gap(options),
              left + box.width / 2,
              fitting(tile.caption, options.caption, width + 2 * options.frame_px));
    if (i % columns == columns - 1) {
      top += row_height + 2 * options.frame_px + caption_height + options.gap_px;
    }
  }
  return canvas;
}

}  // namespace dmcvr
