// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/outlines.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/metrics/distance_transform.h"

#include <cmath>

namespace dmcvr {
namespace {

OutlineStack outline(const torch::Tensor& masks,
                     const std::array<double, 2>& pixel_mm) {  // [D, H, W]
  const Spacing spacing = {1, pixel_mm[1], pixel_mm[0]};
  // Centers on both sides of an outline are one pixel apart; it runs in the middle between them.
  const double half_pixel = std::sqrt(pixel_mm[0] * pixel_mm[1]) / 2;
  OutlineStack result;
  std::vector<torch::Tensor> distances;
  for (int64_t k = 0; k < masks.size(0); ++k) {
    const auto mask = masks.narrow(0, k, 1);
    result.is_there.push_back(mask.any().item<bool>());
    const auto distance = distance_to(mask, spacing) - distance_to(mask.logical_not(), spacing);
    distances.push_back(distance - distance.sign() * half_pixel);
  }
  result.distances = torch::cat(distances);
  return result;
}

}  // namespace

HeartOutlines heart_outlines(const torch::Tensor& labels, const std::array<double, 2>& pixel_mm) {
  TORCH_CHECK(labels.dim() == 3 && labels.scalar_type() == torch::kUInt8,
              "heart_outlines: expected uint8 [D, H, W], found ", labels.sizes());
  return {outline(labels == kLvc, pixel_mm), outline((labels == kLvc) | (labels == kLvm), pixel_mm),
          outline(labels == kRvc, pixel_mm)};
}

std::array<bool, 2> present(const OutlineStack& outline, const Between& place) {
  return {outline.is_there[static_cast<size_t>(place.below)],
          outline.is_there[static_cast<size_t>(place.above)]};
}

torch::Tensor inside(const torch::Tensor& below, const torch::Tensor& above,
                     const std::array<bool, 2>& is_there, const Between& place) {
  if (is_there[0] && is_there[1]) return below + place.fraction * (above - below) < 0;
  if (is_there[0] && nearer_side(place) < 0) return below < 0;
  if (is_there[1] && nearer_side(place) > 0) return above < 0;
  return torch::zeros(below.sizes(), torch::kBool);
}

}  // namespace dmcvr
