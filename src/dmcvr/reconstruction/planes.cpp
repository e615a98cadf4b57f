// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/planes.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/dense_grid.h"

#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// Scanners write positions with three decimals.
constexpr double kEvenPitchToleranceMm = 0.01;

std::vector<double> gaps_between(const std::vector<double>& z_mm) {
  std::vector<double> gaps;
  for (size_t k = 1; k < z_mm.size(); ++k) gaps.push_back(z_mm[k] - z_mm[k - 1]);
  return gaps;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// The grid with slices `pitch_mm` apart, the first one where it is.
Grid with_pitch(Grid grid, double pitch_mm) {
  const double scale = pitch_mm / grid.spacing_mm()[2];
  for (auto& row : grid.world_from_voxel.matrix) row[2] *= scale;
  return grid;
}

// The plane nearest to each slice, on planes from the median gap.
void place_unevenly(DensePlanes& planes, double pitch_mm) {
  const auto& z = planes.acquired_z_mm;
  const double step = planes.grid.spacing_mm()[2];
  planes.acquired_planes.clear();
  for (const double position : z) planes.acquired_planes.push_back(std::llround(position / step));
  planes.grid.size[2] = planes.acquired_planes.back() + 1;

  for (size_t k = 1; k < z.size(); ++k) {
    if (planes.acquired_planes[k] > planes.acquired_planes[k - 1]) continue;
    throw Error(
        "slices {} and {} are {:.2f} mm apart and would share a plane (median pitch {:.2f} mm, "
        "planes "
        "{:.2f} mm apart); choose a smaller --slice-spacing",
        k, k + 1, z[k] - z[k - 1], pitch_mm, step);
  }
}

}  // namespace

std::vector<double> even_positions(const Grid& acquired) {
  std::vector<double> positions;
  const double pitch = acquired.spacing_mm()[2];
  for (int64_t k = 0; k < acquired.size[2]; ++k)
    positions.push_back(static_cast<double>(k) * pitch);
  return positions;
}

std::vector<double> slice_positions(const Study& study) {
  return study.slice_z_mm.empty() ? even_positions(study.sax.grid) : study.slice_z_mm;
}

DensePlanes dense_planes(const Grid& acquired, const std::vector<double>& z_mm,
                         double slice_spacing_mm) {
  TORCH_CHECK(static_cast<int64_t>(z_mm.size()) == acquired.size[2], "dense_planes: ", z_mm.size(),
              " positions for ", acquired.size[2], " slices");
  if (z_mm.size() < 2) {
    throw Error("{} slice: at least two are needed, since slices are drawn between slices",
                z_mm.size());
  }
  TORCH_CHECK(std::is_sorted(z_mm.begin(), z_mm.end(), std::less_equal<double>()) && z_mm[0] == 0,
              "dense_planes: positions must rise from 0");

  const auto gaps = gaps_between(z_mm);
  const double pitch = median(gaps);
  const auto [least, largest] = std::minmax_element(gaps.begin(), gaps.end());
  const bool is_even = *largest - *least <= kEvenPitchToleranceMm;
  const DenseGrid dense =
      dense_grid(is_even ? acquired : with_pitch(acquired, pitch), slice_spacing_mm);

  DensePlanes planes{dense.grid, z_mm, dense.acquired_planes, {}, {}, {}};
  if (!is_even) place_unevenly(planes, pitch);

  const double step = planes.grid.spacing_mm()[2];
  double largest_offset = 0;
  for (size_t k = 0; k < z_mm.size(); ++k) {
    planes.plane_offsets_mm.push_back(
        is_even ? 0 : z_mm[k] - static_cast<double>(planes.acquired_planes[k]) * step);
    largest_offset = std::max(largest_offset, std::abs(planes.plane_offsets_mm.back()));
  }
  for (int64_t plane = 0; plane < planes.grid.size[2]; ++plane) {
    if (std::binary_search(planes.acquired_planes.begin(), planes.acquired_planes.end(), plane))
      continue;
    planes.missing_planes.push_back(plane);
    planes.missing_z_mm.push_back(std::min(static_cast<double>(plane) * step, z_mm.back()));
  }
  if (!is_even) {
    spdlog::warn(
        "uneven slices, {:.2f} to {:.2f} mm apart: each lies on the nearest of planes {:.2f} mm "
        "apart, "
        "at most {:.2f} mm off",
        *least, *largest, step, largest_offset);
  }
  return planes;
}

}  // namespace dmcvr
