// SPDX-License-Identifier: Apache-2.0
// The beating heart as a bSSFP picture sees it: blood, muscle, fat, and above the base the atria
// and the great vessels. Only the picture is rich; labels come from heart_model.h alone.
#pragma once

#include "dmcvr/study/contrast.h"
#include "dmcvr/study/heart_chambers.h"
#include "dmcvr/study/heart_edges.h"
#include "dmcvr/study/heart_model.h"
#include "dmcvr/study/picture_plane.h"
#include "dmcvr/study/texture.h"
#include "dmcvr/study/trabeculae.h"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

// The heart in one thin plane, ready to be laid over what surrounds it.
struct HeartLayer {
  PixelWindow window{0, -1, 0, -1};  // the pixels below, row by row
  std::vector<float> brightness;     // times share
  std::vector<float> share;          // of the pixel that the heart covers, 0 to 1
};

// slab += weight (brightness - share chest): called for the thin planes of a slab, with weights
// that add up to 1 and slab = chest before. All pictures have `columns` columns.
void lay_over(const HeartLayer& layer, float weight, const float* chest, float* slab,
              int64_t columns);

class HeartPainter {
 public:
  HeartPainter(uint64_t seed, const HeartShape& shape, const Contrast& contrast);

  // Borders are soft over a pixel. Empty where the plane misses the heart.
  HeartLayer paint(const HeartPhase& phase, const PicturePlane& picture) const;

 private:
  // Laid over the ventricles, the later ones on top.
  struct Inlay {
    Bar bar;
    float brightness;
    float rough_mm;  // how uneven its edge is
    bool has_wall;
  };

  // Papillary muscles and trabeculae inside the cavities, chambers above the base.
  std::vector<Inlay> inlays_at(const HeartPhase& phase, const CrossSection& section,
                               double z_mm) const;
  struct Plane;
  Plane plane_at(const HeartPhase& phase, const PicturePlane& plane) const;
  // dx, dy: from the axis of the heart, in mm.
  void paint_pixel(const Plane& plane, float dx, float dy, HeartLayer& layer) const;
  // Blood flows: bright and dark where it is fast or turns, another way in every phase.
  float flow(float dx, float dy, const HeartPhase& phase, float z) const;

  HeartShape shape_;
  Contrast contrast_;
  Texture texture_;
  HeartChambers chambers_;
  Trabeculae left_trabeculae_, right_trabeculae_;
  HeartSurface surface_;
  double ed_endo_mm_ = 25;
  float lv_blood_ = 0.7f, rv_blood_ = 0.65f, fat_ = 0.7f;
  float flow_ = 0.1f;
};

// The labels of a picture plane: [rows, columns] uint8, decided at pixel centers.
torch::Tensor paint_labels(const HeartShape& shape, const HeartPhase& phase,
                           const PicturePlane& plane);

}  // namespace dmcvr
