// SPDX-License-Identifier: Apache-2.0
// Surfaces in light and shade, drawn without a display.
#pragma once

#include "dmcvr/figures/picture.h"
#include "dmcvr/geometry/mesh.h"

#include <cstdint>
#include <vector>

namespace dmcvr {

struct ShadedSurface {
  Mesh mesh;  // closed, facing outward
  Color color;
  double opacity = 1;  // below 1 its front is seen, and what lies behind it through it
};

// Parallel rays, as in technical drawings: what is as large is drawn as large.
struct Camera {
  Point center = {0, 0, 0};  // of the picture, in mm
  // Of the picture, unit vectors at right angles; rays run along right x down.
  Point right = {1, 0, 0}, down = {0, 0, -1};
  double mm_per_pixel = 1;
  int64_t height = 240, width = 240;  // of the picture, in pixels
};

// The light comes from above the left shoulder of who looks. Edges are smooth.
Picture draw_surfaces(const std::vector<ShadedSurface>& surfaces, const Camera& camera,
                      const Color& background = {0.055, 0.067, 0.086});

}  // namespace dmcvr
