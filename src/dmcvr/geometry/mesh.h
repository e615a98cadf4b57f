// SPDX-License-Identifier: Apache-2.0
// A surface of triangles in the patient.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

struct Mesh {
  std::vector<Point> vertices;  // mm, RAS
  // Indices of vertices, counterclockwise when seen from outside.
  std::vector<std::array<int64_t, 3>> triangles;

  void check() const;  // TORCH_CHECKs that indices name vertices
};

// What a closed mesh encloses, in ml; negative if its triangles face inward.
double volume_ml(const Mesh& mesh);
double area_mm2(const Mesh& mesh);

// Vertices − edges + triangles: 2 for a sphere, 2 less for every handle, 2 more for every further
// part.
int64_t euler_number(const Mesh& mesh);

// Whether every edge belongs to two triangles that run through it in opposite directions: no hole,
// no branch, one orientation.
bool is_closed(const Mesh& mesh);

// Outward unit normals, means of those of the triangles around, weighted by their areas.
std::vector<Point> vertex_normals(const Mesh& mesh);

// Triangles that face the other way.
void flip(Mesh& mesh);

}  // namespace dmcvr
