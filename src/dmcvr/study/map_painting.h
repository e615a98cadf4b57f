// SPDX-License-Identifier: Apache-2.0
// A dense label map as a bSSFP picture sees it, with the contrasts and textures of the phantom.
#pragma once

#include "dmcvr/study/contrast.h"
#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/picture_plane.h"
#include "dmcvr/study/texture.h"
#include "dmcvr/study/tissue_map.h"

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

class MapPainter {
 public:
  // `voxel_from_plane` takes points of picture planes (x, y, z in mm) to voxels of the map, which
  // must have its surroundings (with_surroundings).
  MapPainter(uint64_t seed, TissueMap map, const Affine& voxel_from_plane,
             const Contrast& contrast);

  // What the heart is there; edges are soft over a voxel of the map.
  HeartLayer paint(const PicturePlane& plane) const;

  // [rows, columns] uint8 of label_table(), decided at pixel centers.
  torch::Tensor labels(const PicturePlane& plane) const;

 private:
  using Shares = std::array<float, kTissues>;
  // Of each tissue at a point; linear between voxels, none outside the map.
  Shares shares_at(double x_mm, double y_mm, double z_mm) const;
  float brightness_of(Tissue tissue, float x, float y, float z) const;

  TissueMap map_;
  Affine voxel_from_plane_;
  Contrast contrast_;
  Texture texture_;
  float lv_blood_ = 0.7f, rv_blood_ = 0.65f, fat_ = 0.7f, flow_ = 0.1f;
};

}  // namespace dmcvr
