// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/shape.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/metrics/distance_transform.h"
#include "dmcvr/reconstruction/linear.h"

#include <cmath>

namespace dmcvr {
namespace {

// One structure over the slices.
struct Outlines {
  torch::Tensor distances;     // [D, H, W] float64, mm, negative inside
  std::vector<bool> is_there;  // in each slice
};

Outlines outlines(const torch::Tensor& masks, const std::array<double, 2>& pixel_mm) {  // [D, H, W]
  const Spacing spacing = {1, pixel_mm[1], pixel_mm[0]};
  // Centers on both sides of an outline are one pixel apart; it runs in the middle between them.
  const double half_pixel = std::sqrt(pixel_mm[0] * pixel_mm[1]) / 2;
  Outlines result;
  std::vector<torch::Tensor> distances;
  for (int64_t k = 0; k < masks.size(0); ++k) {
    const auto mask = masks.narrow(0, k, 1);
    result.is_there.push_back(mask.any().item<bool>());
    const auto distance = distance_to(mask, spacing) - distance_to(mask.logical_not(), spacing);
    distances.push_back(distance - distance.sign() * half_pixel);  // infinite in an empty slice
  }
  result.distances = torch::cat(distances);
  return result;
}

torch::Tensor mask_at(const Outlines& structure, const Between& place) {  // [H, W]
  const auto below = structure.distances[place.below], above = structure.distances[place.above];
  const bool is_below = structure.is_there[static_cast<size_t>(place.below)];
  const bool is_above = structure.is_there[static_cast<size_t>(place.above)];
  if (is_below && is_above) return below + place.fraction * (above - below) < 0;
  if (is_below && nearer_side(place) < 0) return below < 0;
  if (is_above && nearer_side(place) > 0) return above < 0;
  return torch::zeros(below.sizes(), torch::kBool);
}

}  // namespace

torch::Tensor mix_shapes(const torch::Tensor& labels, const std::vector<double>& acquired_z_mm,
                         const std::vector<double>& z_mm, const std::array<double, 2>& pixel_mm) {
  TORCH_CHECK(labels.dim() == 3 && labels.scalar_type() == torch::kUInt8 &&
                  labels.size(0) == static_cast<int64_t>(acquired_z_mm.size()),
              "mix_shapes: ", labels.sizes(), " for ", acquired_z_mm.size(), " positions");
  const Outlines cavity = outlines(labels == kLvc, pixel_mm);
  const Outlines epicardium = outlines((labels == kLvc) | (labels == kLvm), pixel_mm);
  const Outlines right = outlines(labels == kRvc, pixel_mm);

  auto mixed = torch::zeros({static_cast<int64_t>(z_mm.size()), labels.size(1), labels.size(2)},
                            torch::kUInt8);
  for (size_t m = 0; m < z_mm.size(); ++m) {
    const Between place = slices_around(acquired_z_mm, z_mm[m]);
    auto plane = mixed[static_cast<int64_t>(m)];
    plane.masked_fill_(mask_at(right, place), kRvc);
    plane.masked_fill_(mask_at(epicardium, place), kLvm);
    plane.masked_fill_(mask_at(cavity, place), kLvc);
  }
  return mixed;
}

}  // namespace dmcvr
