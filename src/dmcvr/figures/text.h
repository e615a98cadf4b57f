// SPDX-License-Identifier: Apache-2.0
// Words on pictures, drawn without a display.
#pragma once

#include "dmcvr/figures/picture.h"

#include <string>

namespace dmcvr {

enum class TextAlign { left, center, right };

struct TextStyle {
  int64_t height_px = 16;  // of a capital letter with what hangs below it, about
  bool is_bold = false;
  Color color = {0.93, 0.94, 0.95};
  TextAlign align = TextAlign::left;
};

// How much of each pixel the words cover: [H, W] float32 in [0, 1], as wide as the words and
// of equal height, so that words of one style stand on one line. Empty text gives no columns.
// ASCII; any other character shows as "?".
torch::Tensor text_coverage(const std::string& text, const TextStyle& style);

// Draws one line with its upper edge at `row`; `column` is its left end, middle or right end.
// Returns the width drawn, in pixels.
int64_t draw_text(Picture& canvas, const std::string& text, int64_t row, int64_t column,
                  const TextStyle& style);

}  // namespace dmcvr
