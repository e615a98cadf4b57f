// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/aha_segments.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kWholeTurn = 6.28318530717958647692;
constexpr size_t kFewestPlanes = 3;        // one per third
constexpr size_t kFewestCavityPixels = 5;  // fewer have no outline
constexpr size_t kRingParts = 24;          // each holds muscle where it surrounds the cavity
// Outlines by different hands leave a gap between RV and epicardium.
constexpr double kContactMm = 3, kContactPixels = 1.5;
constexpr double kLeastContact = kWholeTurn / 12, kLargestContact = 5 * kWholeTurn / 6;

// Slices of a heart are oblique to the patient; a stack along the axes of the world has a header
// that does not know how it lay.
bool has_lost_orientation(const Grid& grid) {
  for (int axis = 0; axis < 3; ++axis) {
    const Point step = unit_vector(grid.world_from_voxel.column(axis));
    if (std::max({std::abs(step[0]), std::abs(step[1]), std::abs(step[2])}) < 0.99999) return false;
  }
  return true;
}

// The pixels of a plane by label, at their places in mm along columns and rows.
struct PlanePixels {
  std::array<std::vector<PlanePoint>, kLabelCount> of;
};

PlanePixels pixels_of(const torch::Tensor& plane, const std::array<double, 2>& spacing_mm) {
  PlanePixels pixels;
  const auto* voxel = plane.data_ptr<uint8_t>();
  for (int64_t row = 0; row < plane.size(0); ++row) {
    for (int64_t column = 0; column < plane.size(1); ++column, ++voxel) {
      if (*voxel == 0 || *voxel >= kLabelCount) continue;
      pixels.of[*voxel].push_back(
          {static_cast<double>(column) * spacing_mm[0], static_cast<double>(row) * spacing_mm[1]});
    }
  }
  return pixels;
}

PlanePoint middle_of(const std::vector<PlanePoint>& pixels) {
  PlanePoint sum = {0, 0};
  for (const PlanePoint& pixel : pixels) sum = {sum[0] + pixel[0], sum[1] + pixel[1]};
  const auto count = static_cast<double>(pixels.size());
  return {sum[0] / count, sum[1] / count};
}

double angle_of(const PlanePoint& point, const PlanePoint& center) {
  return std::atan2(point[1] - center[1], point[0] - center[0]);
}

// angle modulo a turn, from 0.
double within_a_turn(double angle) {
  return angle - kWholeTurn * std::floor(angle / kWholeTurn);
}

bool surrounds(const std::vector<PlanePoint>& muscle, const PlanePoint& center) {
  std::array<bool, kRingParts> is_there{};
  for (const PlanePoint& pixel : muscle) {
    const double part = within_a_turn(angle_of(pixel, center)) / kWholeTurn * kRingParts;
    is_there[std::min(static_cast<size_t>(part), kRingParts - 1)] = true;
  }
  return std::all_of(is_there.begin(), is_there.end(), [](bool there) { return there; });
}

// Where the contact of the RV with the epicardium begins, as an angle that grows with `turn`.
std::optional<double> insertion_in(const LvPlane& plane, const std::vector<PlanePoint>& rv,
                                   int turn, double pixel_mm) {
  const PlanePoint& center = plane.epicardium.center;
  const double reach_mm = std::max(kContactMm, kContactPixels * pixel_mm);
  std::vector<double> angles;
  double radius_mm = 0;
  for (const PlanePoint& pixel : rv) {
    const double angle = angle_of(pixel, center);
    const double own_mm = std::hypot(pixel[0] - center[0], pixel[1] - center[1]);
    if (own_mm > plane.epicardium.radius_at(angle) + reach_mm) continue;
    angles.push_back(within_a_turn(turn * angle));
    radius_mm += own_mm;
  }
  if (angles.empty()) return std::nullopt;
  radius_mm /= static_cast<double>(angles.size());

  // The contact is what the widest gap leaves.
  std::sort(angles.begin(), angles.end());
  double widest = angles.front() + kWholeTurn - angles.back(), begin = angles.front();
  for (size_t n = 1; n < angles.size(); ++n) {
    if (angles[n] - angles[n - 1] <= widest) continue;
    widest = angles[n] - angles[n - 1];
    begin = angles[n];
  }
  const double contact = kWholeTurn - widest;
  if (contact < kLeastContact || contact > kLargestContact) return std::nullopt;
  return begin - 0.5 * pixel_mm / std::max(radius_mm, pixel_mm);  // the edge of that pixel
}

// Of angles: the one with the least sum of distances to the others.
double circular_median(const std::vector<double>& angles) {
  const auto distance_sum = [&](double angle) {
    double sum = 0;
    for (const double other : angles) sum += std::abs(std::remainder(angle - other, kWholeTurn));
    return sum;
  };
  return *std::min_element(angles.begin(), angles.end(),
                           [&](double a, double b) { return distance_sum(a) < distance_sum(b); });
}

// Thirds of the way from the outer border of the first plane to that of the last one.
void set_levels(std::vector<LvPlane>& planes, const std::vector<double>& z_mm) {
  const auto from_base_mm = [&](size_t n) {
    return std::abs(z_mm[static_cast<size_t>(planes[n].plane)] -
                    z_mm[static_cast<size_t>(planes[0].plane)]);
  };
  const size_t last = planes.size() - 1;
  const double above_mm = from_base_mm(1) / 2;
  const double below_mm = (from_base_mm(last) - from_base_mm(last - 1)) / 2;
  const double length_mm = above_mm + from_base_mm(last) + below_mm;
  for (size_t n = 0; n <= last; ++n) {
    const double third = 3 * (above_mm + from_base_mm(n)) / length_mm;
    planes[n].level = std::min<size_t>(2, static_cast<size_t>(third + 1e-9));
  }
}

}  // namespace

const std::array<AhaSegment, kAhaSegments>& aha_segments() {
  static const std::array<AhaSegment, kAhaSegments> segments = {{{"basal", "anterior"},
                                                                 {"basal", "anteroseptal"},
                                                                 {"basal", "inferoseptal"},
                                                                 {"basal", "inferior"},
                                                                 {"basal", "inferolateral"},
                                                                 {"basal", "anterolateral"},
                                                                 {"mid", "anterior"},
                                                                 {"mid", "anteroseptal"},
                                                                 {"mid", "inferoseptal"},
                                                                 {"mid", "inferior"},
                                                                 {"mid", "inferolateral"},
                                                                 {"mid", "anterolateral"},
                                                                 {"apical", "anterior"},
                                                                 {"apical", "septal"},
                                                                 {"apical", "inferior"},
                                                                 {"apical", "lateral"}}};
  return segments;
}

size_t aha_segment(size_t level, double beyond_insertion) {
  TORCH_CHECK(level < 3, "aha_segment: level ", level);
  // The middle of the anterior wall lies 30 degrees before the insertion in every level.
  const size_t count = level < 2 ? 6 : 4;
  const double share = within_a_turn(beyond_insertion + kWholeTurn / 12) / kWholeTurn;
  const auto part = static_cast<size_t>(std::lround(share * static_cast<double>(count))) % count;
  return 6 * level + part;
}

size_t LvDivision::segment_at(size_t level, double angle) const {
  return aha_segment(level, turn * angle - insertion);
}

bool apex_is_last(const Labels& labels) {
  auto count = torch::zeros({labels.voxels.size(1)}, torch::kFloat64);
  // A film at once would take eight bytes for every voxel.
  for (const auto& phase : labels.voxels.unbind()) count += (phase > 0).sum({1, 2});
  const auto k = torch::arange(count.size(0), torch::kFloat64);
  const double total = count.sum().item<double>();
  if (total == 0) return true;
  const auto has_any = (count > 0).to(torch::kFloat64);
  const double middle = ((k * has_any).sum() / has_any.sum()).item<double>();
  return ((k - middle) * count).sum().item<double>() <= 0;
}

LvDivision divide_lv(const torch::Tensor& voxels, const Grid& grid, const std::vector<double>& z_mm,
                     bool apex_is_last) {
  TORCH_CHECK(voxels.dim() == 3 && static_cast<int64_t>(z_mm.size()) == voxels.size(0),
              "divide_lv: ", z_mm.size(), " positions for voxels ", voxels.sizes());
  const auto spacing = grid.spacing_mm();
  const std::array<double, 2> pixel_mm = {spacing[0], spacing[1]};
  LvDivision division;
  division.turn = (grid.world_from_voxel.determinant() > 0) == apex_is_last ? 1 : -1;
  if (has_lost_orientation(grid)) division.turn = -1;  // as pictures are shown: rows run downwards

  // Planes and their outlines.
  std::vector<std::vector<PlanePoint>> rv;
  for (int64_t n = 0; n < voxels.size(0); ++n) {
    const int64_t k = apex_is_last ? n : voxels.size(0) - 1 - n;
    const PlanePixels pixels = pixels_of(voxels[k].contiguous(), pixel_mm);
    const auto& cavity = pixels.of[kLvc];
    const auto& muscle = pixels.of[kLvm];
    if (cavity.size() < kFewestCavityPixels) continue;
    const PlanePoint center = middle_of(cavity);
    if (!surrounds(muscle, center)) continue;
    std::vector<PlanePoint> ventricle = cavity;
    ventricle.insert(ventricle.end(), muscle.begin(), muscle.end());
    division.planes.push_back({k, 0, polar_contour(cavity, center, pixel_mm),
                               polar_contour(ventricle, center, pixel_mm)});
    rv.push_back(pixels.of[kRvc]);
  }
  if (division.planes.size() < kFewestPlanes) {
    division.problem = "muscle surrounds the cavity in fewer than three planes";
    return division;
  }
  set_levels(division.planes, z_mm);

  // Where the RV begins.
  std::vector<double> insertions;
  for (size_t n = 0; n < division.planes.size(); ++n) {
    if (division.planes[n].level == 2) continue;
    const auto insertion = insertion_in(division.planes[n], rv[n], division.turn,
                                        std::sqrt(pixel_mm[0] * pixel_mm[1]));
    if (insertion) insertions.push_back(*insertion);
  }
  if (insertions.empty()) {
    division.problem = "no RV touches the left ventricle, so there is no insertion to count from";
    return division;
  }
  division.insertion = circular_median(insertions);
  return division;
}

}  // namespace dmcvr
