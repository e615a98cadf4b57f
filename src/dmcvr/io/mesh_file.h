// SPDX-License-Identifier: Apache-2.0
// Surfaces in the formats that other programs open: VTP (ParaView, Slicer), STL, PLY, OBJ, and GLB
// (browsers).
//
// Points are RAS millimeters. Files say so by SPACE=RAS where 3D Slicer looks for it (field data of
// VTP, header of STL, comment of PLY and OBJ); it takes meshes without that word for LPS. GLB has a
// matrix to the axes and meters of its own (glb.h).
#pragma once

#include "dmcvr/geometry/mesh.h"
#include "dmcvr/io/glb.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// Endings without the dot: "vtp", "stl", "ply", "obj", "glb".
const std::vector<std::string>& mesh_formats();

// The format by the ending of the name; complete or not at all; the same bytes for the same mesh.
// VTP, PLY, OBJ and GLB hold normals, GLB name and color as well. STL repeats the vertices of every
// triangle, in single precision, as the format demands. Throws Error for another ending, an empty
// mesh, and when writing fails.
void write_mesh(const std::filesystem::path& path, const Mesh& mesh, const MeshLook& look = {});

// A ParaView collection (.pvd) of files that change with time, named relative to its folder.
struct TimedFile {
  double time = 0;
  std::string part;  // what belongs together over time: "lv_endocardium"
  std::string file;
};
void write_pvd(const std::filesystem::path& path, const std::vector<TimedFile>& files);

}  // namespace dmcvr
