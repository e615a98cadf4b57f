// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/shape.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/reconstruction/outlines.h"

namespace dmcvr {

torch::Tensor mix_shapes(const torch::Tensor& labels, const std::vector<double>& acquired_z_mm,
                         const std::vector<double>& z_mm, const std::array<double, 2>& pixel_mm) {
  TORCH_CHECK(labels.dim() == 3 && labels.scalar_type() == torch::kUInt8 &&
                  labels.size(0) == static_cast<int64_t>(acquired_z_mm.size()),
              "mix_shapes: ", labels.sizes(), " for ", acquired_z_mm.size(), " positions");
  const HeartOutlines heart = heart_outlines(labels, pixel_mm);

  auto mixed = torch::zeros({static_cast<int64_t>(z_mm.size()), labels.size(1), labels.size(2)},
                            torch::kUInt8);
  for (size_t m = 0; m < z_mm.size(); ++m) {
    const Between place = slices_around(acquired_z_mm, z_mm[m]);
    const auto inside_of = [&](const OutlineStack& outline) {
      return inside(outline.distances[place.below], outline.distances[place.above],
                    present(outline, place), place);
    };
    auto plane = mixed[static_cast<int64_t>(m)];
    plane.masked_fill_(inside_of(heart.right), kRvc);
    plane.masked_fill_(inside_of(heart.epicardium), kLvm);
    plane.masked_fill_(inside_of(heart.cavity), kLvc);
  }
  return mixed;
}

}  // namespace dmcvr
