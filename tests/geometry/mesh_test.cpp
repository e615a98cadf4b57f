// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/mesh.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// Eight corners at 0 and `side`, twelve triangles.
Mesh cube(double side, const Point& corner = {0, 0, 0}) {
  Mesh mesh;
  for (int64_t i = 0; i < 8; ++i) {
    mesh.vertices.push_back(
        plus(corner, {side * static_cast<double>(i & 1), side * static_cast<double>((i >> 1) & 1),
                      side * static_cast<double>((i >> 2) & 1)}));
  }
  const std::vector<std::array<int64_t, 4>> faces = {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4},
                                                     {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}};
  for (const auto& f : faces) {
    mesh.triangles.push_back({f[0], f[1], f[2]});
    mesh.triangles.push_back({f[0], f[2], f[3]});
  }
  return mesh;
}

}  // namespace

TEST(MeshProperty, VolumeAndAreaOfACubeWhereverItLies) {
  for (const double side : {0.5, 10.0, 37.0}) {
    for (const double shift : {0.0, -250.0, 1e5}) {
      const Mesh mesh = cube(side, {shift, 2 * shift, -shift});
      EXPECT_NEAR(volume_ml(mesh), side * side * side / 1000, 1e-9 * side * side * side);
      EXPECT_NEAR(area_mm2(mesh), 6 * side * side, 1e-6 * side * side);
    }
  }
}

TEST(Mesh, FlippedEnclosesTheNegative) {
  Mesh mesh = cube(10);
  flip(mesh);
  EXPECT_NEAR(volume_ml(mesh), -1, 1e-12);
  EXPECT_TRUE(is_closed(mesh));
}

TEST(Mesh, TellsSpheresHandlesAndParts) {
  Mesh mesh = cube(10);
  EXPECT_EQ(euler_number(mesh), 2);
  const Mesh other = cube(10, {20, 0, 0});
  mesh.vertices.insert(mesh.vertices.end(), other.vertices.begin(), other.vertices.end());
  for (auto t : other.triangles) mesh.triangles.push_back({t[0] + 8, t[1] + 8, t[2] + 8});
  EXPECT_EQ(euler_number(mesh), 4);
  EXPECT_TRUE(is_closed(mesh));

  // A torus of 5 x 7 squares.
  Mesh torus;
  for (int64_t i = 0; i < 35; ++i) torus.vertices.push_back({0, 0, 0});
  for (int64_t a = 0; a < 5; ++a) {
    for (int64_t b = 0; b < 7; ++b) {
      const auto at = [](int64_t x, int64_t y) { return x % 5 * 7 + y % 7; };
      torus.triangles.push_back({at(a, b), at(a + 1, b), at(a + 1, b + 1)});
      torus.triangles.push_back({at(a, b), at(a + 1, b + 1), at(a, b + 1)});
    }
  }
  EXPECT_EQ(euler_number(torus), 0);
  EXPECT_TRUE(is_closed(torus));
}

TEST(Mesh, IsOpenWithAHoleAndWithATriangleThatFacesInward) {
  Mesh hole = cube(1);
  hole.triangles.pop_back();
  EXPECT_FALSE(is_closed(hole));
  Mesh turned = cube(1);
  std::swap(turned.triangles[3][0], turned.triangles[3][1]);
  EXPECT_FALSE(is_closed(turned));
}

TEST(Mesh, NormalsPointOutward) {
  const Mesh mesh = cube(2, {-1, -1, -1});
  const auto normals = vertex_normals(mesh);
  for (size_t i = 0; i < normals.size(); ++i) {
    EXPECT_NEAR(length(normals[i]), 1, 1e-12);
    EXPECT_GT(dot(normals[i], mesh.vertices[i]), 1);
  }
}

TEST(Mesh, RefusesATriangleOfNoVertex) {
  Mesh mesh = cube(1);
  mesh.triangles[0][1] = 8;
  EXPECT_THROW(mesh.check(), c10::Error);
}

}  // namespace dmcvr
