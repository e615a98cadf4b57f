// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/orientation.h"

#include "dmcvr/core/error.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kRoundingSkew = 1e-5;
constexpr double kRepairableSkew = 1e-3;

// Columns of length one; NaN where a column has no length.
Affine unit_axes(const Affine& a) {
  Affine unit;
  for (int axis = 0; axis < 3; ++axis) {
    const double norm = length(a.column(axis));
    for (int row = 0; row < 3; ++row) unit.matrix[row][axis] = a.matrix[row][axis] / norm;
  }
  return unit;
}

}  // namespace

std::string orientation_code(const Affine& world_from_voxel) {
  const auto unit = unit_axes(world_from_voxel).matrix;

  // The permutation of directions with the largest sum of |cosines|.
  std::array<int, 3> order = {0, 1, 2}, best = order;
  double best_fit = -1;
  do {
    const double fit =
        std::abs(unit[order[0]][0]) + std::abs(unit[order[1]][1]) + std::abs(unit[order[2]][2]);
    if (fit > best_fit) {
      best_fit = fit;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));

  std::string code;
  for (int axis = 0; axis < 3; ++axis) {
    code += (unit[best[axis]][axis] < 0 ? "LPI" : "RAS")[best[axis]];
  }
  return code;
}

double skew(const Affine& world_from_voxel) {
  const Affine unit = unit_axes(world_from_voxel);
  double largest = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const Point a = unit.column(axis), b = unit.column((axis + 1) % 3);
    const double cosine = std::abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
    if (!(cosine <= largest)) largest = cosine;
  }
  return largest;
}

Affine orthogonalize(const Affine& world_from_voxel) {
  // Newton's iteration for the polar factor: Q <- (Q + Q^-T) / 2, quadratic from any regular start.
  Affine q = unit_axes(world_from_voxel);
  for (int round = 0; round < 20; ++round) {
    const Affine inverted = inverse(q);
    for (int row = 0; row < 3; ++row) {
      for (int axis = 0; axis < 3; ++axis) {
        q.matrix[row][axis] = (q.matrix[row][axis] + inverted.matrix[axis][row]) / 2;
      }
    }
  }

  Affine result = world_from_voxel;
  for (int axis = 0; axis < 3; ++axis) {
    const double norm = length(world_from_voxel.column(axis));
    for (int row = 0; row < 3; ++row) result.matrix[row][axis] = q.matrix[row][axis] * norm;
  }
  return result;
}

Affine require_orthogonal(const Affine& world_from_voxel, const std::string& name) {
  const double found = skew(world_from_voxel);
  if (found <= kRoundingSkew) return world_from_voxel;
  if (!(found <= kRepairableSkew)) {
    throw Error(
        "{}: the voxel axes are not at right angles (cosine {:.2g}, at most {} is repaired); "
        "resample the image to a grid without shear first",
        name, found, kRepairableSkew);
  }
  spdlog::warn(
      "{}: the voxel axes are slightly off right angles (cosine {:.2g}); the nearest "
      "orthogonal axes are taken",
      name, found);
  return orthogonalize(world_from_voxel);
}

}  // namespace dmcvr
