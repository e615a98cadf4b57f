// SPDX-License-Identifier: Apache-2.0
// Surfaces of the heart from its labels: closed, smooth, of the volume of their voxels.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/geometry/mesh.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

struct SurfaceOptions {
  int64_t smoothing = 40;   // iterations of the filter, 0 to 1000; 0 leaves the steps of the voxels
  double pass_band = 0.04;  // of the filter, 0.001 to 2: the smaller, the smoother

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SurfaceOptions, smoothing, pass_band)

// How far the first and the last plane of a stack reach beyond their centers, in mm: half a gap
// between acquired slices (measures hold the outermost slices constant as far).
struct Caps {
  double first_mm = 0;
  double last_mm = 0;
};

struct Surface {
  std::string name;             // of surface_names()
  Mesh mesh;                    // outward, in the patient; empty if the structure is
  double voxel_ml = 0;          // of the part that the mesh surrounds, caps included
  int64_t voxels_left_out = 0;  // of smaller parts, and where handles were cut
  int64_t voxels_filled = 0;    // of holes inside
  int64_t euler = 2;      // 2: a sphere, 2 less for every handle, 2 more for every further part
  int64_t smoothing = 0;  // iterations that were made
};

// "lv_endocardium": LVC; "lv_epicardium": LVC and LVM; "rv_endocardium": RVC; "lv_myocardium": LVM.
const std::vector<std::string>& surface_names();
// Those that bound a cavity or the heart: all but the last one.
const std::vector<std::string>& usual_surface_names();

// The surface of one of surface_names(). labels: [D, H, W] uint8 of label_table(). The voxels that
// share faces with the largest part are taken, and holes inside are filled, and handles are cut if
// that takes no more than 1 % of the voxels; the volume is that of these voxels to a part in
// 10,000. A structure that is too small for the filter is smoothed less; one of a few voxels that
// no surface fits keeps its steps.
//
// The myocardium is a shell: endocardium, epicardium and the rim at its ends in one surface. Its
// cavity (the largest part of LVC) is not filled and its handles are kept, since they are the
// shape: a cup that is open at the base alone is a sphere (Euler number 2), a tube that is open at
// both ends has a handle (0), and a wall all around its cavity has two parts (4). Throws Error for
// another name.
Surface heart_surface(const torch::Tensor& labels, const std::string& name, const Grid& grid,
                      const Caps& caps, const SurfaceOptions& options = {});

// The surface around the true voxels of a mask [D, H, W], bool.
Surface surface_around(const torch::Tensor& mask, const Grid& grid, const Caps& caps,
                       const SurfaceOptions& options = {});

}  // namespace dmcvr
