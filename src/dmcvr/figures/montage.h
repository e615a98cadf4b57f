// SPDX-License-Identifier: Apache-2.0
// Many small pictures in rows, each with its caption and frame.
#pragma once

#include "dmcvr/figures/text.h"

#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct Tile {
  Picture picture;
  std::string caption;  // below the picture, centered, smaller where it is wider; may be empty
  std::optional<Color> frame;  // none: no frame
};

struct MontageOptions {
  int64_t columns = 8;
  int64_t gap_px = 8;    // between frames
  int64_t frame_px = 2;  // kept free around every tile, framed or not
  TextStyle caption = {12, false, {0.62, 0.66, 0.71}, TextAlign::center};
  Color background = {0.055, 0.067, 0.086};
};

// Tiles from left to right and from top to bottom; each column as wide as the widest tile, each row
// as high as its highest. Room for captions is left if any tile has one. No tiles: an empty
// picture.
Picture montage(const std::vector<Tile>& tiles, const MontageOptions& options = {});

}  // namespace dmcvr
