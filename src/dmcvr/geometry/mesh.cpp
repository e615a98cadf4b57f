// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/mesh.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

namespace dmcvr {
namespace {

// Normal times twice the area.
Point normal_of(const Mesh& mesh, const std::array<int64_t, 3>& triangle) {
  const Point& a = mesh.vertices[triangle[0]];
  return cross(minus(mesh.vertices[triangle[1]], a), minus(mesh.vertices[triangle[2]], a));
}

// From and to, of every triangle; sorted.
std::vector<std::pair<int64_t, int64_t>> directed_edges(const Mesh& mesh) {
  std::vector<std::pair<int64_t, int64_t>> edges;
  edges.reserve(3 * mesh.triangles.size());
  for (const auto& t : mesh.triangles) {
    for (size_t i = 0; i < 3; ++i) edges.emplace_back(t[i], t[(i + 1) % 3]);
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

}  // namespace

void Mesh::check() const {
  const auto count = static_cast<int64_t>(vertices.size());
  for (const auto& triangle : triangles) {
    for (const int64_t i : triangle) {
      TORCH_CHECK(i >= 0 && i < count, "mesh: vertex ", i, " of ", count);
    }
  }
}

double volume_ml(const Mesh& mesh) {
  if (mesh.vertices.empty()) return 0;
  const Point& origin = mesh.vertices.front();  // near the mesh, so that no digits are lost
  double sum = 0;
  for (const auto& t : mesh.triangles) {
    sum += dot(minus(mesh.vertices[t[0]], origin), normal_of(mesh, t));
  }
  return sum / 6 / 1000;
}

double area_mm2(const Mesh& mesh) {
  double sum = 0;
  for (const auto& t : mesh.triangles) sum += length(normal_of(mesh, t)) / 2;
  return sum;
}

int64_t euler_number(const Mesh& mesh) {
  auto edges = directed_edges(mesh);
  for (auto& [from, to] : edges) {
    if (from > to) std::swap(from, to);
  }
  std::sort(edges.begin(), edges.end());
  const auto end = std::unique(edges.begin(), edges.end());
  std::vector<bool> is_used(mesh.vertices.size());
  for (const auto& t : mesh.triangles) {
    for (const int64_t i : t) is_used[i] = true;
  }
  return std::count(is_used.begin(), is_used.end(), true) - (end - edges.begin()) +
         static_cast<int64_t>(mesh.triangles.size());
}

bool is_closed(const Mesh& mesh) {
  const auto edges = directed_edges(mesh);
  if (std::adjacent_find(edges.begin(), edges.end()) != edges.end()) return false;
  return std::all_of(edges.begin(), edges.end(), [&](const auto& edge) {
    return std::binary_search(edges.begin(), edges.end(), std::make_pair(edge.second, edge.first));
  });
}

std::vector<Point> vertex_normals(const Mesh& mesh) {
  std::vector<Point> normals(mesh.vertices.size(), Point{0, 0, 0});
  for (const auto& t : mesh.triangles) {
    const Point normal = normal_of(mesh, t);
    for (const int64_t i : t) normals[i] = plus(normals[i], normal);
  }
  for (Point& normal : normals) normal = unit_vector(normal);
  return normals;
}

void flip(Mesh& mesh) {
  for (auto& triangle : mesh.triangles) std::swap(triangle[1], triangle[2]);
}

}  // namespace dmcvr
