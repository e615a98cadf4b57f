// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/grid.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {

double dot(const Point& a, const Point& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Point cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

Point plus(const Point& a, const Point& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

Point minus(const Point& a, const Point& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

Point times(double s, const Point& p) {
  return {s * p[0], s * p[1], s * p[2]};
}

Point unit_vector(const Point& p) {
  return times(1 / std::max(length(p), 1e-12), p);
}

double length(const Point& p) {
  return std::sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
}

Point Affine::operator()(const Point& p) const {
  Point result = offset;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) result[row] += matrix[row][axis] * p[axis];
  }
  return result;
}

Point Affine::column(int axis) const {
  return {matrix[0][axis], matrix[1][axis], matrix[2][axis]};
}

double Affine::determinant() const {
  const auto& m = matrix;
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

Affine operator*(const Affine& a, const Affine& b) {
  Affine result;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) {
      result.matrix[row][axis] = 0;
      for (int k = 0; k < 3; ++k) result.matrix[row][axis] += a.matrix[row][k] * b.matrix[k][axis];
    }
  }
  result.offset = a(b.offset);
  return result;
}

Affine inverse(const Affine& a) {
  // Singular relative to the lengths of the columns, so that the unit of the spacing does not
  // matter.
  double scale = 1;
  for (int axis = 0; axis < 3; ++axis) scale *= length(a.column(axis));
  const double determinant = a.determinant();
  if (!(std::abs(determinant) > 1e-9 * scale)) {
    throw Error("the axes of the grid lie in one plane: its affine has no inverse");
  }

  // Transposed cofactors over the determinant.
  const auto& m = a.matrix;
  Affine result;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) {
      const int r1 = (axis + 1) % 3, r2 = (axis + 2) % 3, c1 = (row + 1) % 3, c2 = (row + 2) % 3;
      result.matrix[row][axis] = (m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]) / determinant;
    }
  }
  result.offset = {0, 0, 0};
  const Point moved = result(a.offset);
  result.offset = {-moved[0], -moved[1], -moved[2]};
  return result;
}

std::array<double, 3> Grid::spacing_mm() const {
  std::array<double, 3> spacing{};
  for (int axis = 0; axis < 3; ++axis) spacing[axis] = length(world_from_voxel.column(axis));
  return spacing;
}

double Grid::voxel_ml() const {
  return std::abs(world_from_voxel.determinant()) / 1000;
}

bool same_grid(const Grid& a, const Grid& b, double tolerance_mm) {
  if (a.size != b.size) return false;
  for (int corner = 0; corner < 8; ++corner) {
    Point p{};
    for (int axis = 0; axis < 3; ++axis) {
      p[axis] = (corner >> axis & 1) ? static_cast<double>(a.size[axis] - 1) : 0;
    }
    const Point pa = a.world_from_voxel(p), pb = b.world_from_voxel(p);
    // Written so that NaN is a difference.
    if (!(length({pa[0] - pb[0], pa[1] - pb[1], pa[2] - pb[2]}) <= tolerance_mm)) return false;
  }
  return true;
}

}  // namespace dmcvr
