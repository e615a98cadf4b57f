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

// The end of the RV beyond rv_angle; the heart's frame is left-handed, so that it lies above.
double insertion_of(const HeartShape& shape, const CrossSection& section) {
  const auto first =
      static_cast<int64_t>(std::lround(shape.rv_angle / kRound * CrossSection::kAngles));
  int64_t n = first;
  for (; n < first + CrossSection::kAngles; ++n) {
    const auto i = static_cast<size_t>(n % CrossSection::kAngles);
    if (section.rv[i] <= section.epi[i]) break;
  }
  return kRound * static_cast<double>(n) / CrossSection::kAngles;
}

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
  double sine = 0, cosine = 0;
  for (int64_t k = 0; k < 2 * kWallPlanes / 3; ++k) {
    const CrossSection& section = sections[static_cast<size_t>(k)];
    if (!section.has_rv) continue;
    const double angle = insertion_of(shape, section);
    sine += std::sin(angle);
    cosine += std::cos(angle);
  }
  const double insertion = std::atan2(sine, cosine);

  std::array<double, kWallSegments> sum{}, count{};
  for (int64_t k = 0; k < kWallPlanes; ++k) {
    const OutlinePoints endo = outline_points(sections[static_cast<size_t>(k)].endo);
    const OutlinePoints epi = outline_points(sections[static_cast<size_t>(k)].epi);
    for (int64_t n = 0; n < CrossSection::kAngles; n += kEvery) {
      const double angle = kRound * static_cast<double>(n) / CrossSection::kAngles;
      const size_t segment = segment_of(3 * k / kWallPlanes, insertion - angle);
      sum[segment] += (nearest_mm(endo, epi, n) + nearest_mm(epi, endo, n)) / 2;
      count[segment] += 1;
    }
  }
  for (size_t s = 0; s < kWallSegments; ++s) sum[s] /= count[s];
  return sum;
}

}  // namespace dmcvr
