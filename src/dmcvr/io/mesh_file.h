// SPDX-License-Identifier: Apache-2.0
// Surfaces in the formats that other programs open: VTP (ParaView, Slicer), STL, PLY and OBJ.
//
// Points are RAS millimeters. Files say so by SPACE=RAS where 3D Slicer looks for it (field data of
// VTP, header of STL, comment of PLY and OBJ); it takes meshes without that word for LPS.
#pragma once

#include "dmcvr/geometry/mesh.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// Endings without the dot: "vtp", "stl", "ply", "obj".
const std::vector<std::string>& mesh_formats();

// The format by the ending of the name; complete or not at all; the same bytes for the same mesh.
// VTP, PLY and OBJ hold normals. STL repeats the vertices of every triangle, in single precision,
// as the format demands. Throws Error for another ending, an empty mesh, and when writing fails.
void write_mesh(const std::filesystem::path& path, const Mesh& mesh);

// A ParaView collection (.pvd) of files that change with time, named relative to its folder.
struct TimedFile {
  double time = 0;
  std::string part;  // what belongs together over time: "lv_endocardium"
  std::string file;
};
void write_pvd(const std::filesystem::path& path, const std::vector<TimedFile>& files);

}  // namespace dmcvr
