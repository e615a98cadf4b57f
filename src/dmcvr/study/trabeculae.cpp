// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/trabeculae.h"

#include <algorithm>

namespace dmcvr {
namespace {

constexpr float kMostMuscle = 0.9f;          // blood stands between the bars
constexpr float kAtEdge = -0.6f;             // threshold of the texture at the edge of the cavity
constexpr float kRise = 2.2f;                // and what it gains over the reach
constexpr float kLongMm = 13, kShortMm = 8;  // along the ventricle
constexpr float kTallMm = 6, kAcrossMm = 2.7f;  // into the cavity, and of the finer ones

}  // namespace

Trabeculae::Trabeculae(uint64_t seed, std::string_view purpose, int64_t around)
    : texture_(seed, purpose), around_(static_cast<float>(around)) {}

float Trabeculae::muscle_at(const Place& place, float reach_mm) const {
  if (place.depth_mm >= 1.8f * reach_mm || reach_mm <= 0) return 0;
  const float here = 1 + 0.6f * texture_(32 * place.turn, 21, place.z_mm / 24);
  const float depth = std::max(0.0f, place.depth_mm) / (reach_mm * std::clamp(here, 0.25f, 1.8f));
  if (depth >= 1) return 0;
  const float bars =
      texture_(around_ * place.turn, place.depth_mm / kTallMm, place.z_mm / kLongMm) +
      texture_(place.x_mm / kAcrossMm, place.y_mm / kAcrossMm, place.z_mm / kShortMm);
  return std::clamp(0.5f + 1.3f * (bars - kAtEdge - kRise * depth), 0.0f, kMostMuscle);
}

}  // namespace dmcvr
