// SPDX-License-Identifier: Apache-2.0
// What surrounds the heart in a short-axis picture: fat, chest wall with ribs, lungs with vessels,
// and below the diaphragm liver, stomach and bowel. It rests while the heart beats.
//
// Coordinates as in heart_model.h. Brightness is relative to blood, which is about 0.7.
#pragma once

#include "dmcvr/study/texture.h"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

// Brightness of tissues in a balanced steady-state (bSSFP) picture.
struct Contrast {
  float air = 0;
  float lung = 0.05f;
  float muscle = 0.2f;
  float fat = 0.7f;
  float liver = 0.25f;
  float blood = 0.7f;
};

// Contrasts differ between scanners, flip angles and hearts: around those above, by seed.
Contrast draw_contrast(uint64_t seed);

// Where the pixels of a picture lie. Columns run along `across`, a unit vector in the x-y plane;
// rows run at a right angle to it, downward for across = +x.
struct PicturePlane {
  int64_t columns = 1, rows = 1;
  double spacing_mm = 1;
  double z_mm = 0;
  std::array<double, 2> origin_mm = {0, 0};  // center of pixel (0, 0)
  std::array<double, 2> across = {1, 0};

  std::array<double, 2> at(int64_t column, int64_t row) const;     // center, in mm
  std::array<double, 2> pixel_of(double x_mm, double y_mm) const;  // its inverse
};

// Pixels that a circle can touch, a border of two included; last before first where there are none.
struct PixelWindow {
  int64_t first_column, last_column, first_row, last_row;
};
PixelWindow window_around(double x_mm, double y_mm, double radius_mm, const PicturePlane& plane);

struct ThoraxShape {
  double left_mm = 80;       // from the heart's axis to the inside of the chest wall
  double diaphragm_mm = 40;  // below the heart's axis, in the plane z_mm = 0
  // How far the diaphragm rises and the left wall comes nearer per mm of z, so that both touch the
  // heart down to its apex.
  double diaphragm_slope = 0.3, left_slope = 0.2;
};

class Thorax {
 public:
  Thorax(uint64_t seed, const ThoraxShape& shape, const Contrast& contrast);

  // [rows, columns] brightness, without coil shading. Borders are soft over a pixel.
  torch::Tensor paint(const PicturePlane& plane) const;

  // Sensitivity of the receiving coil, 1 where the heart's axis meets the plane z_mm = 0:
  // [rows, columns].
  torch::Tensor shading(const PicturePlane& plane) const;

 private:
  struct Blob {
    double x = 0, y = 0, z = 0;     // center
    double rx = 1, ry = 1, rz = 1;  // half axes
    double lean = 0;                // dx per z
    float brightness = 0;
  };

  // What a pixel sees of the layers, organs and vessels left out.
  struct Layers {
    float brightness = 0;
    float lung = 0, abdomen = 0;  // shares of the pixel, 0 to 1
  };

  // Skin, fat and chest wall, `along_mm` along the wall.
  float wall_at(double depth_mm, double fat_mm, double along_mm, double soft_mm) const;
  Layers layers_at(double x_mm, double y_mm, double z_mm, double soft_mm) const;
  // Mixes blobs over the picture, as far as `room`, a share per pixel, lets them.
  void paint_blobs(const std::vector<Blob>& blobs, const PicturePlane& plane,
                   const std::vector<float>& room, float* picture) const;

  Contrast contrast_;
  Texture texture_;
  double center_x_ = 0, center_y_ = 0;  // of the body
  double half_width_ = 0, half_height_ = 0;
  double exponent_ = 2.4;
  double tilt_ = 0;  // of half_width_ along z
  double left_slope_ = 0;
  std::array<double, 8> fat_wave_{};
  float fat_under_skin_ = 0.7f;
  double fat_mm_ = 15, wall_mm_ = 10;
  double diaphragm_mm_ = 0, diaphragm_slope_ = 0, dome_x_ = 0, dome_mm_ = 0;
  double rib_phase_ = 0, rib_pitch_ = 0, rib_slope_ = 0;
  std::array<double, 2> coil_{};
  double coil_z_mm_ = 60, coil_reach_mm_ = 150;
  float mottle_ = 0.08f;       // unevenness of tissue
  std::vector<Blob> organs_;   // below the diaphragm
  std::vector<Blob> vessels_;  // in the lungs
};

// How much of a border between inside (distance > 0) and outside a pixel sees: 0 to 1 over
// `soft_mm`.
inline float cover(double distance_mm, double soft_mm) {
  const double share = distance_mm / soft_mm + 0.5;
  return static_cast<float>(share < 0 ? 0 : share > 1 ? 1 : share);
}

}  // namespace dmcvr
