// SPDX-License-Identifier: Apache-2.0
// Where voxels lie in the patient. World is RAS, in millimeters; an affine maps voxel centers. A
// voxel index (i, j, k) counts columns, rows and slices, so that a tensor [D, H, W] is read at [k,
// j, i].
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

using Point = std::array<double, 3>;

// Euclidean, and NaN where a part is (std::hypot of libstdc++ 12 can lose it).
double length(const Point& p);
Point plus(const Point& a, const Point& b);
Point minus(const Point& a, const Point& b);
Point times(double s, const Point& p);
double dot(const Point& a, const Point& b);
Point cross(const Point& a, const Point& b);
// p / |p|; 0 for 0.
Point unit_vector(const Point& p);

// x -> matrix x + offset.
struct Affine {
  std::array<std::array<double, 3>, 3> matrix = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  Point offset = {0, 0, 0};

  Point operator()(const Point& p) const;
  Point column(int axis) const;  // the step of one index along `axis`
  double determinant() const;    // of the matrix; negative for a left-handed grid
};

// a after b: (a * b)(p) = a(b(p)).
Affine operator*(const Affine& a, const Affine& b);
// Throws Error if the matrix is singular.
Affine inverse(const Affine& a);

struct Grid {
  std::array<int64_t, 3> size = {1, 1, 1};  // columns, rows, slices
  Affine world_from_voxel;

  Affine voxel_from_world() const { return inverse(world_from_voxel); }
  // Millimeters between neighboring centers along each axis; [2] is the pitch.
  std::array<double, 3> spacing_mm() const;
  double voxel_ml() const;  // |determinant| / 1000
  int64_t voxel_count() const { return size[0] * size[1] * size[2]; }
};

// Equal sizes, and centers of corresponding corners not more than tolerance_mm apart.
bool same_grid(const Grid& a, const Grid& b, double tolerance_mm = 1e-3);

}  // namespace dmcvr
