// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/cleanup.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/geometry/components.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace dmcvr {
namespace {

// Of the smaller of two facing slices of one ventricle. Breath-holds shift slices by millimeters,
// atria lie beside.
constexpr double kLeastCover = 0.25;

// The smallest box around all labels, one voxel wider in-plane, so that the outside stays
// connected.
torch::Tensor labeled_box(const torch::Tensor& labels) {
  auto box = labels;
  for (int64_t axis = 0; axis < 3; ++axis) {
    const auto used = torch::nonzero((box != 0).transpose(0, axis).flatten(1).any(1)).flatten();
    const int64_t margin = axis == 0 ? 0 : 1;
    const int64_t first = std::max<int64_t>(used[0].item<int64_t>() - margin, 0);
    const int64_t last = std::min(used[-1].item<int64_t>() + margin, box.size(axis) - 1);
    box = box.slice(axis, first, last + 1);
  }
  return box;
}

// The parts of `mask` that are smaller than min_fraction of the largest.
torch::Tensor islands(const torch::Tensor& mask, double min_fraction) {
  const auto components = connected_components(mask, Connectivity::corners);
  int32_t kept = 0;
  for (const int64_t size : components.sizes) {
    if (static_cast<double>(size) < min_fraction * static_cast<double>(components.sizes[0])) break;
    ++kept;
  }
  return components.ids > kept;
}

// A connected region of one slice.
struct Region {
  int64_t slice;
  torch::Tensor mask;  // [H, W] bool
};

std::vector<Region> regions_of(const torch::Tensor& mask) {
  std::vector<Region> regions;
  for (int64_t k = 0; k < mask.size(0); ++k) {
    const auto parts =
        connected_components(mask.slice(0, k, k + 1).contiguous(), Connectivity::corners);
    for (size_t n = 1; n <= parts.sizes.size(); ++n)
      regions.push_back({k, parts.ids[0] == static_cast<int64_t>(n)});
  }
  return regions;
}

// Whether one of them covers a quarter of the other, seen along the stack.
bool lie_above_each_other(const torch::Tensor& a, const torch::Tensor& b) {
  const auto pixels = [](const torch::Tensor& mask) {
    return static_cast<double>(mask.sum().item<int64_t>());
  };
  return pixels(a & b) >= kLeastCover * std::min(pixels(a), pixels(b));
}

// Regions that lie above each other in neighboring slices, joined to [D, H, W] masks.
std::vector<torch::Tensor> upright_parts(const torch::Tensor& mask) {
  const auto regions = regions_of(mask);
  std::vector<size_t> part(regions.size());  // of each region, the first one of its part
  for (size_t n = 0; n < regions.size(); ++n) {
    part[n] = n;
    for (size_t below = 0; below < n; ++below) {
      if (regions[below].slice != regions[n].slice - 1 || part[below] == part[n] ||
          !lie_above_each_other(regions[below].mask, regions[n].mask))
        continue;
      const auto [first, other] = std::minmax(part[below], part[n]);
      std::replace(part.begin(), part.begin() + static_cast<int64_t>(n) + 1, size_t{other},
                   size_t{first});
    }
  }
  std::vector<torch::Tensor> parts;
  for (size_t first = 0; first < regions.size(); ++first) {
    if (part[first] != first) continue;
    parts.push_back(torch::zeros_like(mask));
    for (size_t n = first; n < regions.size(); ++n) {
      if (part[n] == first) parts.back()[regions[n].slice] |= regions[n].mask;
    }
  }
  return parts;
}

std::vector<int64_t> slices_of(const torch::Tensor& mask) {
  const auto slices = torch::nonzero(mask.flatten(1).any(1)).flatten();
  return {slices.data_ptr<int64_t>(), slices.data_ptr<int64_t>() + slices.numel()};
}

// Whether `part` goes on where `ventricle` ends: in other slices, and above or below it where both
// come nearest to each other.
bool continues(const torch::Tensor& part, const torch::Tensor& ventricle) {
  int64_t nearest = part.size(0);
  torch::Tensor end, facing;
  for (const int64_t k : slices_of(part)) {
    for (const int64_t other : slices_of(ventricle)) {
      if (std::abs(k - other) >= nearest) continue;
      nearest = std::abs(k - other);
      end = part[k];
      facing = ventricle[other];
    }
  }
  return nearest > 0 && lie_above_each_other(end, facing);
}

// Left ventricles in excess: all but the one with the most muscle, and what continues it.
torch::Tensor other_left_ventricles(const torch::Tensor& labels) {
  const auto muscle = labels == kLvm;
  auto left = muscle | (labels == kLvc);
  auto parts = upright_parts(left);
  if (parts.empty()) return left;
  const auto muscle_of = [&](const torch::Tensor& part) {
    return (part & muscle).sum().item<int64_t>();
  };
  const auto main = std::max_element(parts.begin(), parts.end(), [&](const auto& a, const auto& b) {
    return muscle_of(a) < muscle_of(b);
  });
  auto ventricle = *main;
  parts.erase(main);
  while (true) {
    const auto next = std::find_if(parts.begin(), parts.end(),
                                   [&](const auto& part) { return continues(part, ventricle); });
    if (next == parts.end()) break;
    ventricle = ventricle | *next;
    parts.erase(next);
  }
  return left & ~ventricle;
}

// What a hole becomes; 0 leaves it. counts: pixels of each label that touch it.
int64_t filling(const std::array<int64_t, kLabelCount>& counts, bool slice_has_cavity) {
  const bool touches_left = counts[kLvc] + counts[kLvm] > 0;
  if (touches_left && counts[kRvc] > 0) return 0;
  if (!touches_left) return kRvc;
  if (!slice_has_cavity) return kLvc;
  return counts[kLvc] >= counts[kLvm] ? kLvc : kLvm;
}

void fill_holes(const torch::Tensor& slice) {  // [H, W], contiguous; written to
  const int64_t height = slice.size(0), width = slice.size(1);
  const auto components = connected_components((slice == 0).unsqueeze(0), Connectivity::faces);
  const auto count = components.sizes.size();
  if (count < 2) return;

  // Which background parts reach the border, and what touches the others.
  auto* label = slice.data_ptr<uint8_t>();
  const auto* id = components.ids.data_ptr<int32_t>();
  std::vector<bool> is_open(count + 1, false);
  std::vector<std::array<int64_t, kLabelCount>> touching(count + 1, {0, 0, 0, 0});
  for (int64_t j = 0; j < height; ++j) {
    for (int64_t i = 0; i < width; ++i) {
      const int64_t pixel = j * width + i;
      if (id[pixel] == 0) continue;
      if (j == 0 || i == 0 || j == height - 1 || i == width - 1) {
        is_open[id[pixel]] = true;
        continue;
      }
      for (const int64_t neighbor : {pixel - width, pixel - 1, pixel + 1, pixel + width}) {
        ++touching[id[pixel]][label[neighbor]];
      }
    }
  }

  const bool has_cavity = (slice == kLvc).any().item<bool>();
  for (int64_t pixel = 0; pixel < height * width; ++pixel) {
    if (id[pixel] == 0 || is_open[id[pixel]]) continue;
    label[pixel] = static_cast<uint8_t>(filling(touching[id[pixel]], has_cavity));
  }
}

}  // namespace

void CleanupOptions::check() const {
  if (!(min_fraction >= 0 && min_fraction <= 1)) {
    throw Error("cleanup.min_fraction: {} is not between 0 and 1", min_fraction);
  }
}

torch::Tensor cleanup(const torch::Tensor& labels, const CleanupOptions& options) {
  TORCH_CHECK(labels.dim() == 3 && labels.scalar_type() == torch::kUInt8,
              "cleanup: labels [D, H, W] uint8 are needed, not ", labels.sizes());
  auto clean = labels.contiguous().clone();
  if (!options.enabled || !clean.any().item<bool>()) return clean;
  auto box = labeled_box(clean);  // a view: what is written into it is written into `clean`

  // Islands of the whole heart, then of each structure, and a second left ventricle.
  box.masked_fill_(islands(box != 0, options.min_fraction), 0);
  for (const int64_t structure : {kLvc, kLvm, kRvc}) {
    box.masked_fill_(islands(box == structure, options.min_fraction), 0);
  }
  box.masked_fill_(other_left_ventricles(box), 0);

  for (int64_t k = 0; k < box.size(0); ++k) {
    auto slice = box[k].contiguous();
    fill_holes(slice);
    box[k].copy_(slice);
  }
  return clean;
}

}  // namespace dmcvr
