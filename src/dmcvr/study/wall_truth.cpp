// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/wall_truth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dmcvr {
namespace {

constexpr double kRound = 6.28318530717958647692;  // radians
constexpr int64_t kWallPlanes = 36;                // 12 per third
constexpr int64_t kEvery = 4;                      // angles of a section's table between two ways
constexpr int64_t kReach = CrossSection::kAngles / 6;  // to where the nearest point is looked for

using OutlinePoints = std::vector<std::array<double, 2>>;

OutlinePoints outline_points(const CrossSection::Table& radius_mm) {
  OutlinePoints points;
  for (int64_t n = 0; n < CrossSection::kAngles; ++n) {
    const double angle = kRound * static_cast<double>(n) / CrossSection::kAngles;
    const auto r = static_cast<double>(radius_mm[static_cast<size_t>(n)]);
    points.push_back({r * std::cos(angle), r * std::sin(angle)});
  }
  return points;
}

// From point n of one outline to the other one, whose points lie densely.
double nearest_mm(const OutlinePoints& from, const OutlinePoints& to, int64_t n) {
  const auto& p = from[static_cast<size_t>(n)];
  double nearest = std::numeric_limits<double>::infinity();  // squared
  for (int64_t m = n - kReach; m <= n + kReach; ++m) {
    const auto& q = to[static_cast<size_t>((m + CrossSection::kAngles) % CrossSection::kAngles)];
    const double dx = p[0] - q[0], dy = p[1] - q[1];
    nearest = std::min(nearest, dx * dx + dy * dy);
  }
  return std::sqrt(nearest);
}

// Of the area inside, by the triangles between the origin and the sides.
std::array<double, 2> centroid_of(const OutlinePoints& points) {
  double area = 0, x = 0, y = 0;  // all of them doubled or more: the factors cancel below
  for (size_t n = 0; n < points.size(); ++n) {
    const auto &p = points[n], &q = points[(n + 1) % points.size()];
    const double twice = p[0] * q[1] - p[1] * q[0];
    area += twice;
    x += twice * (p[0] + q[0]);
    y += twice * (p[1] + q[1]);
  }
  return {x / (3 * area), y / (3 * area)};
}

double angle_around(const std::array<double, 2>& center, const std::array<double, 2>& p) {
  return std::atan2(p[1] - center[1], p[0] - center[0]);
}

// The entry where the RV ends beyond rv_angle; the heart's frame is left-handed, so that this lies
// above.
size_t insertion_of(const HeartShape& shape, const CrossSection& section) {
  constexpr int64_t kAngles = CrossSection::kAngles;
  const int64_t first = std::llround(shape.rv_angle / kRound * kAngles);
  int64_t n = first;
  while (n < first + kAngles && section.rv[static_cast<size_t>(n % kAngles)] >
                                    section.epi[static_cast<size_t>(n % kAngles)])
    ++n;
  return static_cast<size_t>(n % kAngles);
}

// One plane: outlines, and the center of the cavity.
struct WallPlane {
  OutlinePoints endo, epi;
  std::array<double, 2> center = {0, 0};
};

// From 0: `before` is how far before the insertion, counted as the heart's angles are, a point
// lies.
size_t segment_of(int64_t level, double before) {
  const int64_t count = level < 2 ? 6 : 4;
  const double sector = kRound / static_cast<double>(count);
  // Sector 0 is anterior; its middle lies 30 degrees beyond the insertion.
  const auto part = static_cast<int64_t>(std::floor((before + kRound / 12) / sector + 0.5));
  return static_cast<size_t>(6 * level + ((part % count) + count) % count);
}

}  // namespace

std::array<double, kWallSegments> true_wall_mm(const HeartShape& shape, const HeartPhase& phase) {
  const double tip_mm = phase.z_center_mm + phase.endo_b_mm;
  const double step_mm = (tip_mm - phase.z_base_mm) / kWallPlanes;
  std::vector<CrossSection> sections;
  for (int64_t k = 0; k < kWallPlanes; ++k) {
    sections.push_back(
        cross_section(shape, phase, phase.z_base_mm + (static_cast<double>(k) + 0.5) * step_mm));
  }
  std::vector<WallPlane> planes;
  double sine = 0, cosine = 0;
  for (int64_t k = 0; k < kWallPlanes; ++k) {
    const CrossSection& section = sections[static_cast<size_t>(k)];
    WallPlane plane{outline_points(section.endo), outline_points(section.epi)};
    plane.center = centroid_of(plane.endo);
    if (section.has_rv && k < 2 * kWallPlanes / 3) {
      const double angle = angle_around(plane.center, plane.epi[insertion_of(shape, section)]);
      sine += std::sin(angle);
      cosine += std::cos(angle);
    }
    planes.push_back(std::move(plane));
  }
  const double insertion = std::atan2(sine, cosine);

  // Either way has its mean over the angle: points that lie closer together count less.
  std::array<double, kWallSegments> outward{}, inward{}, outward_turn{}, inward_turn{};
  for (int64_t k = 0; k < kWallPlanes; ++k) {
    const WallPlane& plane = planes[static_cast<size_t>(k)];
    const auto add = [&](const OutlinePoints& from, const OutlinePoints& to, int64_t n,
                         std::array<double, kWallSegments>& sum,
                         std::array<double, kWallSegments>& turn) {
      const auto angle_at = [&](int64_t m) {
        const int64_t i = (m + CrossSection::kAngles) % CrossSection::kAngles;
        return angle_around(plane.center, from[static_cast<size_t>(i)]);
      };
      const size_t segment = segment_of(3 * k / kWallPlanes, insertion - angle_at(n));
      const double share =
          std::remainder(angle_at(n + kEvery / 2) - angle_at(n - kEvery / 2), kRound);
      sum[segment] += share * nearest_mm(from, to, n);
      turn[segment] += share;
    };
    for (int64_t n = 0; n < CrossSection::kAngles; n += kEvery) {
      add(plane.endo, plane.epi, n, outward, outward_turn);
      add(plane.epi, plane.endo, n, inward, inward_turn);
    }
  }
  std::array<double, kWallSegments> wall{};
  for (size_t s = 0; s < kWallSegments; ++s)
    wall[s] = 0.5 * (outward[s] / outward_turn[s] + inward[s] / inward_turn[s]);
  return wall;
}

}  // namespace dmcvr
