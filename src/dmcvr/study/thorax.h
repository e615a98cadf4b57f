// SPDX-License-Identifier: Apache-2.0
// What surrounds the heart in a short-axis picture: fat, chest wall with ribs, lungs with vessels,
// and below the diaphragm liver, stomach and bowel (organs.h). It rests while the heart beats.
//
// Coordinates as in heart_model.h.
#pragma once

#include "dmcvr/study/contrast.h"
#include "dmcvr/study/organs.h"
#include "dmcvr/study/picture_plane.h"
#include "dmcvr/study/texture.h"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

struct ThoraxShape {
  double left_mm = 80;       // from the heart's axis to the inside of the chest wall
  double diaphragm_mm = 40;  // below the heart's axis, in the plane z_mm = 0
  // How far the diaphragm rises and the left wall comes nearer per mm of z, so that both touch the
  // heart down to its apex.
  double diaphragm_slope = 0.3, left_slope = 0.2;

  // What both ventricles fill: a thick line across the plane z_mm = 0, from the axis to
  // `heart_end`, that leans with the axis, narrows toward the apex as an ellipsoid and goes on
  // above the base. Fat fills the corners between it, the chest wall and the diaphragm. No heart:
  // radius 0.
  std::array<double, 2> heart_end = {0, 0};
  std::array<double, 2> heart_lean = {0, 0};
  double heart_radius_mm = 0, heart_center_z_mm = 0, heart_half_length_mm = 1;
};

class Thorax {
 public:
  Thorax(uint64_t seed, const ThoraxShape& shape, const Contrast& contrast);

  // [rows, columns] signal, without coil shading; fat is negative (contrast.h). Borders are soft
  // over a pixel.
  torch::Tensor paint(const PicturePlane& plane) const;

  // Sensitivity of the receiving coil, 1 where the heart's axis meets the plane z_mm = 0:
  // [rows, columns].
  torch::Tensor shading(const PicturePlane& plane) const;

 private:
  // What a pixel sees of the layers, organs and vessels left out.
  struct Layers {
    float brightness = 0;
    float lung = 0, abdomen = 0, cavity = 0;  // shares of the pixel, 0 to 1
  };

  // Skin, fat and chest wall, `along_mm` along the wall.
  float wall_at(double depth_mm, double fat_mm, double along_mm, double z_mm, double soft_mm) const;
  Layers layers_at(double x_mm, double y_mm, double z_mm, double soft_mm) const;
  // To what both ventricles fill, negative inside.
  double from_heart_mm(double x_mm, double y_mm, double z_mm) const;

  ThoraxShape shape_;
  Contrast contrast_;
  Texture texture_;
  double center_x_ = 0, center_y_ = 0;  // of the body
  double half_width_ = 0, half_height_ = 0;
  double exponent_ = 2.4;
  double tilt_ = 0;  // of half_width_ along z
  std::array<double, 8> fat_wave_{};
  float fat_under_skin_ = 0.7f;
  double fat_mm_ = 15, wall_mm_ = 10;
  double dome_x_ = 0, dome_mm_ = 0;
  double corner_mm_ = 12;  // how far fat reaches into the corners around the heart
  double rib_phase_ = 0, rib_pitch_ = 0, rib_slope_ = 0;
  std::array<double, 2> coil_{};
  double coil_z_mm_ = 60, coil_reach_mm_ = 150;
  float mottle_ = 0.08f;  // unevenness of tissue
  std::vector<Blob> abdomen_, mediastinum_, lung_vessels_;
};

}  // namespace dmcvr
