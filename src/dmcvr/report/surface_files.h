// SPDX-License-Identifier: Apache-2.0
// The surfaces of a heart as files: one per phase and structure, "ed_lv_endocardium.vtp", and for a
// film heart.pvd, which ParaView plays.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/measures/heart.h"
#include "dmcvr/mesh/surfaces.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

struct SurfaceFileOptions {
  std::vector<std::string> formats = {"vtp"};                   // of mesh_formats(), at least one
  std::vector<std::string> structures = usual_surface_names();  // of surface_names()
  SurfaceOptions surface;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SurfaceFileOptions, formats, structures, surface)

struct SurfaceRecord {
  std::string phase;
  std::string structure;
  std::vector<std::string> files;  // names; none for an empty structure
  double volume_ml = 0;            // inside the mesh
  double voxel_ml = 0;             // of the voxels that it surrounds, caps included
  int64_t triangles = 0;
  int64_t euler = 2;  // 2: a sphere (mesh/surfaces.h)
  int64_t voxels_left_out = 0;
  int64_t voxels_filled = 0;
  int64_t smoothing = 0;        // iterations that were made
  int64_t smoothing_asked = 0;  // more, where the structure is too small for them
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SurfaceRecord, phase, structure, files, volume_ml, voxel_ml,
                                   triangles, euler, voxels_left_out, voxels_filled, smoothing,
                                   smoothing_asked)

// Of the dense labels where the heart has some, else of its slices; the ends reach half a gap
// between slices beyond the outermost ones, as measures do. Files go into `folder`, which exists.
// Progress counts surfaces. Throws Error when a file cannot be written.
std::vector<SurfaceRecord> write_surfaces(const std::filesystem::path& folder,
                                          const LabeledHeart& heart,
                                          const SurfaceFileOptions& options,
                                          const OnProgress& on_progress = {});

// What a reader must know of them: empty structures, handles, several parts, what was left out.
std::vector<std::string> surface_notes(const std::vector<SurfaceRecord>& records);

// A line per surface under a line of headings.
std::vector<std::string> surface_table(const std::vector<SurfaceRecord>& records);

}  // namespace dmcvr
