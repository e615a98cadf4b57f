// SPDX-License-Identifier: Apache-2.0
// The beating heart as a bSSFP picture sees it: blood, muscle, fat, and above the base the atria and the
// great vessels. Only the picture is rich; labels come from heart_model.h alone.
#pragma once

#include "dmcvr/study/heart_model.h"
#include "dmcvr/study/thorax.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

class HeartPainter {
 public:
  HeartPainter(uint64_t seed, const HeartShape& shape, const Contrast& contrast);

  // Paints the heart of that phase over `picture`, [rows, columns] brightness of what surrounds it.
  // Borders are soft over a pixel.
  void paint(const HeartPhase& phase, const PicturePlane& plane, torch::Tensor& picture) const;

 private:
  // Atria and vessels above the base: circles in every plane, growing and shrinking along z.
  struct Chamber {
    double x = 0, y = 0;        // from the axis
    double radius_mm = 10;
    double reach_mm = 50;       // above the base, where it ends
    double filling = 0;         // relative growth of the radius until ES
    float brightness = 0.7f;
  };

  HeartShape shape_;
  Contrast contrast_;
  Texture texture_;
  std::array<Chamber, 4> chambers_;
  std::array<double, 3> trabecula_angle_{};
  float lv_blood_ = 0.7f, rv_blood_ = 0.65f, fat_ = 0.7f;
};

// The labels of a picture plane: [rows, columns] uint8, decided at pixel centers.
torch::Tensor paint_labels(const HeartShape& shape, const HeartPhase& phase, const PicturePlane& plane);

}  // namespace dmcvr
