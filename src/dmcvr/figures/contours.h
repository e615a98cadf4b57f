// SPDX-License-Identifier: Apache-2.0
// Outlines of labels on pictures.
#pragma once

#include "dmcvr/core/label_table.h"
#include "dmcvr/figures/picture.h"

namespace dmcvr {

// The color of a label everywhere in figures: LVC red, LVM yellow, RVC blue. Throws Error for a
// value that label_table() lacks.
Color label_color(int64_t label);

struct ContourOptions {
  double width_px = 1.6;
  double opacity = 1;       // of the line, 0..1
  double fill_opacity = 0;  // of the area inside, 0..1
  bool is_antialiased = true;
};

// Draws the curve where the weight [kLabelCount, H, W] of a label, its share of a pixel, is one
// half, for every label but the background; the muscle shows as the epicardium, around muscle and
// cavity together. The picture has the size of the weights. A line is at most as wide as the zone
// in which its weight rises from 0 to 1.
void draw_contours(Picture& picture, const torch::Tensor& weights,
                   const ContourOptions& options = {});

}  // namespace dmcvr
