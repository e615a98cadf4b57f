// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/wall_thickness.h"

#include <c10/util/Exception.h>

namespace dmcvr {

SegmentValues wall_thickness_mm(const LvDivision& division) {
  TORCH_CHECK(division.problem.empty(), "wall_thickness_mm: ", division.problem);
  std::array<double, kAhaSegments> sum{}, count{};
  for (const LvPlane& plane : division.planes) {
    const auto outward = nearest_distances_mm(plane.endocardium, plane.epicardium);
    const auto inward = nearest_distances_mm(plane.epicardium, plane.endocardium);
    for (size_t n = 0; n < kContourAngles; ++n) {
      const size_t segment = division.segment_at(plane.level, contour_angle(n));
      sum[segment] += (outward[n] + inward[n]) / 2;
      count[segment] += 1;
    }
  }
  SegmentValues values;
  for (size_t s = 0; s < kAhaSegments; ++s)
    if (count[s] > 0) values[s] = sum[s] / count[s];
  return values;
}

WallMeasures measure_wall(const Labels& labels, const std::vector<double>& z_mm,
                          const std::optional<size_t>& ed, const std::optional<size_t>& es) {
  WallMeasures wall;
  const bool is_last = apex_is_last(labels);
  const auto measure = [&](const std::optional<size_t>& phase, const char* name,
                           SegmentValues& values) {
    if (!phase) return;
    const LvDivision division =
        divide_lv(labels.voxels[static_cast<int64_t>(*phase)], labels.grid, z_mm, is_last);
    if (division.problem.empty()) {
      values = wall_thickness_mm(division);
    } else {
      wall.problem +=
          (wall.problem.empty() ? "" : "; ") + std::string(name) + ": " + division.problem;
    }
  };
  measure(ed, "ED", wall.ed_mm);
  measure(es, "ES", wall.es_mm);
  for (size_t s = 0; s < kAhaSegments; ++s) {
    if (wall.ed_mm[s] && wall.es_mm[s] && *wall.ed_mm[s] > 0)
      wall.thickening_percent[s] = 100 * (*wall.es_mm[s] / *wall.ed_mm[s] - 1);
  }
  return wall;
}

}  // namespace dmcvr
