// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/outline_prior.h"

#include <algorithm>

namespace dmcvr {
namespace {

constexpr double kWidthPerDistance = 0.2;  // chosen on training patients
constexpr double kLeastWidthMm = 0.3;
constexpr double kLeastProbability = 1e-6;  // nothing is impossible

torch::Tensor mixed_distances(const OutlineStack& outline, const Between& place) {  // [H, W]
  auto below = outline.distances[place.below], above = outline.distances[place.above];
  const auto [is_below, is_above] = present(outline, place);
  if (!is_below && !is_above) return torch::full_like(below, 1e3);
  // As deep outside as the other slice is inside, so that the mix ends where it began half way.
  if (!is_below) below = torch::full_like(above, -above.min().item<double>());
  if (!is_above) above = torch::full_like(below, -below.min().item<double>());
  return below + place.fraction * (above - below);
}

}  // namespace

torch::Tensor outline_prior(const HeartOutlines& heart, const std::vector<double>& acquired_z_mm,
                            const std::vector<double>& z_mm) {
  std::vector<torch::Tensor> planes;
  for (const double z : z_mm) {
    const Between place = slices_around(acquired_z_mm, z);
    const double gap = acquired_z_mm[static_cast<size_t>(place.above)] -
                       acquired_z_mm[static_cast<size_t>(place.below)];
    const double distance = gap * std::min(place.fraction, 1 - place.fraction);
    const double width = std::max(kLeastWidthMm, kWidthPerDistance * distance);
    const auto probability = [&](const OutlineStack& outline) {
      return (-mixed_distances(outline, place) / width).sigmoid().to(torch::kFloat32);
    };
    const auto cavity = probability(heart.cavity), epicardium = probability(heart.epicardium),
               right = probability(heart.right);
    // Nested: the cavity lies inside the epicardium; where ventricles overlap, the left one is
    // kept.
    planes.push_back(torch::stack({(1 - epicardium) * (1 - right), epicardium * cavity,
                                   epicardium * (1 - cavity), (1 - epicardium) * right}));
  }
  return torch::stack(planes).clamp_min(kLeastProbability).log();
}

torch::Tensor most_likely_with(const torch::Tensor& probabilities, const torch::Tensor& prior,
                               double weight) {
  TORCH_CHECK(probabilities.sizes() == prior.sizes(), "most_likely_with: ", probabilities.sizes(),
              " and ", prior.sizes());
  const auto seen = probabilities.clamp_min(kLeastProbability).log();
  return ((1 - weight) * seen + weight * prior).argmax(1).to(torch::kUInt8);
}

}  // namespace dmcvr
