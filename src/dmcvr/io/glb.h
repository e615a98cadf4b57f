// SPDX-License-Identifier: Apache-2.0
// One surface as binary glTF 2.0 (GLB), what browsers, office programs and phones open.
//
// glTF demands meters, y up and z to the front. The vertices stay RAS millimeters of the patient,
// as in all other formats; the matrix of the node turns and scales them (head up, the patient faces
// the viewer), and asset.extras says so to whoever reads the buffer alone.
#pragma once

#include "dmcvr/geometry/mesh.h"

#include <array>
#include <string>

namespace dmcvr {

struct MeshLook {
  std::string name = "surface";                   // of the node, mesh and material: UTF-8
  std::array<double, 3> color = {0.8, 0.8, 0.8};  // red, green, blue of sRGB, 0 to 1
};

// Vertices and unit normals in single precision, 32-bit indices. The same bytes for the same mesh.
// Throws Error for more than the 4 GiB that the format can count.
std::string glb_bytes(const Mesh& mesh, const MeshLook& look = {});

}  // namespace dmcvr
