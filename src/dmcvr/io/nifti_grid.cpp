// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti_grid.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/orientation.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kSpacingTolerance = 0.01;

double mm_per_unit(int64_t xyzt_units, const std::string& name) {
  switch (xyzt_units & 7) {
    case 0:  // unknown
    case 2:
      return 1;
    case 1:
      return 1000;
    case 3:
      return 0.001;
    default:
      throw Error("{}: the header names length unit {}, NIfTI knows 1 (m), 2 (mm) and 3 (µm)", name,
                  xyzt_units & 7);
  }
}

// An axis of one voxel may have no spacing; any will do.
double spacing_of(const NiftiHeader& header, int axis) {
  return header.pixdim[axis + 1] > 0 ? header.pixdim[axis + 1] : 1;
}

Affine sform(const NiftiHeader& header) {
  Affine affine;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) affine.matrix[row][axis] = header.srow[row][axis];
    affine.offset[row] = header.srow[row][3];
  }
  return affine;
}

bool sform_matches_spacing(const NiftiHeader& header) {
  const Affine affine = sform(header);
  for (int axis = 0; axis < 3; ++axis) {
    const double spacing = header.pixdim[axis + 1];
    if (!(spacing > 0)) continue;
    if (!(std::abs(length(affine.column(axis)) - spacing) <= kSpacingTolerance * spacing))
      return false;
  }
  return true;
}

// The rotation of the unit quaternion (a, b, c, d), a >= 0 from the three stored parts, with the
// third column reversed for qfac = -1.
Affine qform(const NiftiHeader& header, const std::string& name) {
  auto [b, c, d] = header.quatern;
  const double squares = b * b + c * c + d * d;
  if (!(squares <= 1.001)) {
    throw Error("{}: the quaternion of the header ({}, {}, {}) is no rotation; the file is damaged",
                name, b, c, d);
  }
  if (squares > 1) {
    for (double* part : {&b, &c, &d}) *part /= std::sqrt(squares);
  }
  const double a = std::sqrt(std::max(0.0, 1 - squares));

  Affine affine;
  affine.matrix = {{{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
                    {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
                    {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c}}};
  const double qfac = header.pixdim[0] < 0 ? -1 : 1;
  for (auto& row : affine.matrix) {
    for (int axis = 0; axis < 3; ++axis) row[axis] *= spacing_of(header, axis);
    row[2] *= qfac;
  }
  affine.offset = header.qoffset;
  return affine;
}

Affine sform_directions(const NiftiHeader& header) {
  Affine affine = sform(header);
  for (int axis = 0; axis < 3; ++axis) {
    const double found = length(affine.column(axis));
    for (auto& row : affine.matrix) row[axis] *= spacing_of(header, axis) / found;
  }
  return affine;
}

Affine spacing_alone(const NiftiHeader& header) {
  Affine affine;
  for (int axis = 0; axis < 3; ++axis) affine.matrix[axis][axis] = spacing_of(header, axis);
  return affine;
}

// Habits of whole data sets are told once per program, not once per file.
Affine choose(const NiftiHeader& header, const std::string& name) {
  static std::atomic<bool> said_qform{false}, said_directions{false}, said_nothing{false};
  const GridSource source = grid_source(header);
  if (source == GridSource::sform) return sform(header);
  if (source == GridSource::qform) {
    if (header.sform_code > 0 && !said_qform.exchange(true)) {
      spdlog::warn("{}: the sform disagrees with the voxel spacing, the qform is taken (said once)",
                   name);
    }
    return qform(header, name);
  }
  if (source == GridSource::sform_directions) {
    if (!said_directions.exchange(true)) {
      spdlog::warn(
          "{}: the sform disagrees with the voxel spacing {:.4g} x {:.4g} x {:.4g} mm, which is "
          "taken with the "
          "directions of the sform (said once; usual for ACDC)",
          name, header.pixdim[1], header.pixdim[2], header.pixdim[3]);
    }
    return sform_directions(header);
  }
  if (!said_nothing.exchange(true)) {
    spdlog::warn(
        "{}: the header does not say how the voxels lie in the patient; columns to the right, rows "
        "to the front, slices to the head are assumed (said once)",
        name);
  }
  return spacing_alone(header);
}

// b, c, d of the rotation with columns r, from the largest of the four squares (Shepperd's method).
std::array<double, 3> quaternion(const std::array<std::array<double, 3>, 3>& r) {
  const std::array<double, 4> squares = {
      1 + r[0][0] + r[1][1] + r[2][2], 1 + r[0][0] - r[1][1] - r[2][2],
      1 - r[0][0] + r[1][1] - r[2][2], 1 - r[0][0] - r[1][1] + r[2][2]};
  const auto largest = std::max_element(squares.begin(), squares.end()) - squares.begin();
  std::array<double, 4> q{};
  q[largest] = std::sqrt(squares[largest]) / 2;
  const double scale = 1 / (4 * q[largest]);
  const double ab = r[2][1] - r[1][2], ac = r[0][2] - r[2][0], ad = r[1][0] - r[0][1];
  const double bc = r[1][0] + r[0][1], bd = r[0][2] + r[2][0], cd = r[2][1] + r[1][2];
  const std::array<std::array<double, 4>, 4> products = {
      {{0, ab, ac, ad}, {ab, 0, bc, bd}, {ac, bc, 0, cd}, {ad, bd, cd, 0}}};
  for (int part = 0; part < 4; ++part) {
    if (part != largest) q[part] = products[largest][part] * scale;
  }
  const double sign = q[0] < 0 ? -1 : 1;
  return {sign * q[1], sign * q[2], sign * q[3]};
}

}  // namespace

GridSource grid_source(const NiftiHeader& header) {
  if (header.sform_code > 0 && sform_matches_spacing(header)) return GridSource::sform;
  if (header.qform_code > 0) return GridSource::qform;
  return header.sform_code > 0 ? GridSource::sform_directions : GridSource::spacing;
}

double sform_qform_distance_mm(const NiftiHeader& header, const std::string& name) {
  if (grid_source(header) != GridSource::sform || header.qform_code <= 0) return 0;
  const Affine one = sform(header), other = qform(header, name);
  double largest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    Point p{};
    for (int axis = 0; axis < 3; ++axis)
      p[axis] = (corner >> axis & 1) != 0 ? static_cast<double>(header.dim[axis + 1] - 1) : 0;
    largest = std::max(largest, length(minus(one(p), other(p))));
  }
  return largest * mm_per_unit(header.xyzt_units, name);
}

Grid nifti_grid(const NiftiHeader& header, const std::string& name) {
  Affine affine = choose(header, name);
  const double scale = mm_per_unit(header.xyzt_units, name);
  for (int row = 0; row < 3; ++row) {
    for (double& part : affine.matrix[row]) part *= scale;
    affine.offset[row] *= scale;
    if (!std::isfinite(affine.offset[row])) {
      throw Error(
          "{}: the header puts the first voxel at ({}, {}, {}); finite numbers are expected", name,
          affine.offset[0], affine.offset[1], affine.offset[2]);
    }
  }

  Grid grid;
  grid.size = {header.dim[1], header.dim[2], header.dim[3]};
  grid.world_from_voxel = require_orthogonal(affine, name);
  return grid;
}

void set_grid(NiftiHeader& header, const Grid& exact) {
  // Rounded first, so that writing what was read gives the same header.
  Grid grid = exact;
  for (int row = 0; row < 3; ++row) {
    for (double& part : grid.world_from_voxel.matrix[row]) part = static_cast<float>(part);
    grid.world_from_voxel.offset[row] = static_cast<float>(grid.world_from_voxel.offset[row]);
  }

  const auto spacing = grid.spacing_mm();
  const Affine straight = orthogonalize(grid.world_from_voxel);
  const double qfac = straight.determinant() < 0 ? -1 : 1;

  header.dim[0] = 3;
  header.pixdim[0] = qfac;
  auto rotation = straight.matrix;
  for (int axis = 0; axis < 3; ++axis) {
    header.dim[axis + 1] = grid.size[axis];
    header.pixdim[axis + 1] = spacing[axis];
    for (auto& row : rotation) row[axis] *= (axis == 2 ? qfac : 1) / spacing[axis];
    for (int row = 0; row < 3; ++row)
      header.srow[row][axis] = grid.world_from_voxel.matrix[row][axis];
    header.srow[axis][3] = grid.world_from_voxel.offset[axis];
  }
  header.quatern = quaternion(rotation);
  header.qoffset = grid.world_from_voxel.offset;
  header.qform_code = 1;
  header.sform_code = 1;
  header.xyzt_units = (header.xyzt_units & ~int64_t{7}) | 2;
}

}  // namespace dmcvr
