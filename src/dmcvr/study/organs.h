// SPDX-License-Identifier: Apache-2.0
// What lies in the layers of the chest (thorax.h): organs below the diaphragm, great vessels and
// spine, and the vessels of the lungs, each as ellipsoids that lean and are uneven at their edges.
#pragma once

#include "dmcvr/study/contrast.h"
#include "dmcvr/study/picture_plane.h"
#include "dmcvr/study/texture.h"

#include <ATen/core/Generator.h>

#include <vector>

namespace dmcvr {

struct Blob {
  double x = 0, y = 0, z = 0;     // center, mm
  double rx = 1, ry = 1, rz = 1;  // half axes, mm
  double lean_x = 0, lean_y = 0;  // shift per z
  float brightness = 0;
};

// Where the chest leaves room, mm.
struct ChestRoom {
  double center_x = 0;      // of the body
  double half_width = 120;  // of the body
  double diaphragm = 40;    // y of the diaphragm in the plane z = 0
};

// In the order in which they are painted, the later ones on top.
std::vector<Blob> draw_abdomen(const ChestRoom& room, const Contrast& contrast,
                               at::Generator& generator);
// Mediastinum behind the base of the heart, descending aorta and spine.
std::vector<Blob> draw_mediastinum(const ChestRoom& room, const Contrast& contrast,
                                   at::Generator& generator);
// They branch outward from the root of the lung.
std::vector<Blob> draw_lung_vessels(const ChestRoom& room, at::Generator& generator);

// Mixes blobs over `picture` [rows, columns], as far as `share_of_room`, a value per pixel from 0
// to 1, lets them. Borders are soft over a pixel; those of large blobs are uneven by `texture`.
void paint_blobs(const std::vector<Blob>& blobs, const PicturePlane& plane,
                 const std::vector<float>& share_of_room, const Texture& texture, float* picture);

}  // namespace dmcvr
