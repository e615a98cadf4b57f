// SPDX-License-Identifier: Apache-2.0
// One slice as several methods see it, side by side with the truth.
#pragma once

#include "dmcvr/figures/picture.h"
#include "dmcvr/figures/views.h"

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

struct ComparedSlice {
  std::string name;      // of the method, below its picture
  torch::Tensor image;   // [H, W] float32; undefined: no picture
  torch::Tensor labels;  // [H, W] uint8; undefined: no labels
  std::string caption;   // below the outlines, such as name and scores
};

// Slices of one plane; the first is the truth, and has a picture.
struct ComparisonRow {
  std::string title;  // "ed, slice 4 of 9"
  Grid plane;         // of one slice, on which all of them lie
  VoxelBox box;       // what is shown of it, before the margin
  std::vector<ComparedSlice> slices;
};

struct ComparisonOptions {
  int64_t tile_px = 200;  // sides of each picture
  double margin_mm = 14;  // around the box
};

// A line of pictures per row, left out if there is only the true one, and, where anything is
// labeled, one of the same with outlines, strong ones of the method on faint ones of the truth.
// Labels without a picture are drawn on the true one. Gray values are those of the true picture in
// the box.
Picture comparison(const std::string& title, const std::vector<ComparisonRow>& rows,
                   const ComparisonOptions& options = {});

}  // namespace dmcvr
