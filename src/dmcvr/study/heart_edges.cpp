// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_edges.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kRadiansAround = 6.28318530717958647692;
constexpr int64_t kEntries = CrossSection::kAngles;
constexpr double kBaseFatMm = 32;  // the fat closes within this distance above the base
constexpr double kOutlineMm = 20;  // above the base, where the LV's outline is that of the base
constexpr int64_t kNearby = kEntries / 13;  // entries to both sides that a groove is wide

// Muscle ends in the ring of the valves, not at a plane; a longer ring would make atria look like
// ventricles, which the labels deny.
float collar(double above_base_mm) {
  return static_cast<float>(std::clamp(1 - (above_base_mm - 1) / 8, 0.0, 1.0));
}

double entry_angle(int64_t i) {
  return kRadiansAround * static_cast<double>(i) / kEntries;
}

void add_muscle(const HeartShape& shape, const HeartSurface& surface, const HeartPhase& phase,
                double along, HeartEdges& edges) {
  const auto& section = edges.section;
  const double crowding = surface.roughness * (1 + 0.4 * phase.contraction);
  for (int64_t i = 0; i <= kEntries; ++i) {
    const auto n = static_cast<size_t>(i);
    const double gap_mm = edges.rv[n] - section.epi[n];
    edges.wall[n] = edges.rv[n] + static_cast<float>(shape.rv_wall_mm * std::min(1.0, gap_mm / 3));
    // The septum is the smoothest part of the left wall; the right apex is full of trabeculae.
    const double from_septum = 0.5 - 0.5 * std::cos(entry_angle(i) - shape.rv_angle);
    const double left_mm = crowding * (4 + 4 * along) * (0.5 + 0.5 * from_septum);
    edges.left_mm[n] = static_cast<float>(std::min(0.45 * section.endo[n], left_mm));
    edges.right_mm[n] =
        static_cast<float>(std::min(0.7 * gap_mm, crowding * (5 + 14 * along * along)));
  }
}

void add_fat(const HeartShape& shape, const HeartSurface& surface, double below_apex_mm,
             double fade, double along, HeartEdges& edges) {
  // The mean radius nearby is larger than the radius in the grooves between the ventricles.
  const auto wall = [&](int64_t i) {
    return edges.wall[static_cast<size_t>((i + kEntries) % kEntries)];
  };
  float sum = 0;
  for (int64_t i = -kNearby; i <= kNearby; ++i) sum += wall(i);
  for (int64_t i = 0; i <= kEntries; ++i) {
    const auto n = static_cast<size_t>(i);
    const double toward_pad = std::max(0.0, std::cos(entry_angle(i) - surface.pad_angle));
    const double fat_mm = std::max(0.0, shape.fat_mm * (shape.fat(entry_angle(i)) - 0.8)) +
                          surface.pad_mm * (0.3 + 0.7 * along) * toward_pad * toward_pad +
                          (below_apex_mm > 0 ? shape.fat_mm : 0);
    const float hull_mm = std::max(edges.wall[n], sum / (2 * kNearby + 1));
    edges.fat[n] = static_cast<float>((hull_mm + fat_mm) * fade);
    edges.largest_mm = std::max(edges.largest_mm, static_cast<double>(edges.fat[n]));
    sum += wall(i + 1 + kNearby) - wall(i - kNearby);
  }
}

}  // namespace

HeartEdges heart_edges(const HeartShape& shape, const HeartSurface& surface,
                       const HeartPhase& phase, double z_mm) {
  const double above_base_mm = phase.z_base_mm - z_mm, below_apex_mm = z_mm - phase.z_apex_mm();
  const double above_rv_mm = phase.z_rv_base_mm - z_mm;
  HeartEdges edges;
  edges.section = cross_section(shape, phase, std::max(z_mm, phase.z_base_mm - kOutlineMm));
  edges.left_collar = below_apex_mm > 0 ? 0 : collar(above_base_mm);
  edges.right_collar = collar(above_rv_mm);
  edges.rv = edges.section.rv;
  if (above_rv_mm >= 0 && edges.right_collar > 0) {
    const CrossSection base = cross_section(shape, phase, phase.z_rv_base_mm + 0.01);
    for (size_t n = 0; n < edges.rv.size(); ++n)
      edges.rv[n] = edges.section.epi[n] + edges.right_collar * (base.rv[n] - base.epi[n]);
  }
  const double along = std::clamp(-above_base_mm / shape.length_mm, 0.0, 1.0);
  add_muscle(shape, surface, phase, along, edges);
  const double beyond =
      below_apex_mm > 0 ? below_apex_mm / kApexFatMm : std::max(0.0, above_base_mm / kBaseFatMm);
  const double fade = std::sqrt(std::max(0.0, 1 - beyond * beyond));
  add_fat(shape, surface, below_apex_mm, fade, along, edges);
  return edges;
}

}  // namespace dmcvr
