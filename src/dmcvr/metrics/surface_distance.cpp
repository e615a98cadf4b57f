// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/surface_distance.h"

#include "dmcvr/metrics/statistics.h"

#include <torch/nn/functional/padding.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dmcvr {
namespace {

namespace F = torch::nn::functional;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Masks {
  torch::Tensor prediction, truth, region;  // [D, H, W], bool, CPU
};

// Both masks, and the region, cut to the box that holds the masks, with one voxel of background
// around it.
Masks cut_to_box(const torch::Tensor& prediction, const torch::Tensor& truth,
                 const torch::Tensor& region) {
  auto either = (prediction | truth);
  Masks cut{prediction, truth, region};
  for (int64_t axis = 0; axis < 3; ++axis) {
    const auto filled = either.any(axis == 0 ? 2 : 0).any(axis == 2 ? 0 : 1).nonzero();
    const auto first = filled.min().item<int64_t>(), last = filled.max().item<int64_t>();
    cut.prediction = cut.prediction.narrow(axis, first, last - first + 1);
    cut.truth = cut.truth.narrow(axis, first, last - first + 1);
    cut.region = cut.region.narrow(axis, first, last - first + 1);
  }
  const auto padded = [](const torch::Tensor& mask) {
    return F::pad(mask.cpu().to(torch::kUInt8), F::PadFuncOptions({1, 1, 1, 1, 1, 1}))
        .to(torch::kBool);
  };
  return {padded(cut.prediction), padded(cut.truth), padded(cut.region)};
}

void check_masks(const torch::Tensor& prediction, const torch::Tensor& truth) {
  TORCH_CHECK(prediction.dim() == 3 && prediction.sizes() == truth.sizes() &&
                  prediction.scalar_type() == torch::kBool && truth.scalar_type() == torch::kBool,
              "surface distances: expected two boolean masks [D, H, W] of one shape, found ",
              prediction.sizes(), " and ", truth.sizes());
}

// Voxels of a mask with a face neighbor outside it. The mask has background around it.
torch::Tensor surface_voxels(const torch::Tensor& mask) {
  auto inside = mask.clone();
  for (int64_t axis = 0; axis < 3; ++axis) inside &= mask.roll(1, axis) & mask.roll(-1, axis);
  return mask & ~inside;
}

// ---- surface elements ----

// The area of the triangle vector (z, y, x), given in units of the voxel, at this spacing.
double area_mm2(const std::array<double, 3>& vector, const Spacing& spacing) {
  return std::hypot(vector[0] * spacing[1] * spacing[2], vector[1] * spacing[0] * spacing[2],
                    vector[2] * spacing[0] * spacing[1]);
}

// Marching-cubes area between the marked and the unmarked of eight voxel centers; bit 4z + 2y + x
// of `code` marks one. Triangles end halfway between centers. Each group of marked corners that is
// connected along edges has its own piece of surface, so that it is enough to know the pieces of a
// group:
//   1 corner    a triangle cuts it off
//   2           a rectangle along their edge
//   3           half a face, and the trapezoid that closes it: three triangles like the first
//   4, a face   a square
//   4, a claw   a hexagon: six such triangles
//   4, a path   four such triangles, and one along each end of the path
// More than four corners have the surface of the corners that are left.
double element_area(int code, const Spacing& spacing) {
  std::vector<int> open;  // corners not yet in a group
  for (int corner = 0; corner < 8; ++corner) {
    if (code >> corner & 1) open.push_back(corner);
  }
  if (open.size() > 4) return element_area(255 - code, spacing);

  const double triangle = area_mm2({0.125, 0.125, 0.125}, spacing);
  // A rectangle parallel to an axis and halfway between the others; one at a right angle to an
  // axis.
  const auto along = [&](int axis, double length) {
    std::array<double, 3> vector = {length, length, length};
    vector[axis] = 0;
    return area_mm2(vector, spacing);
  };
  const auto across = [&](int axis, double length) {
    std::array<double, 3> vector = {0, 0, 0};
    vector[axis] = length;
    return area_mm2(vector, spacing);
  };
  // Corners one edge apart differ in one bit: 4, 2, 1 for axes 0, 1, 2.
  const auto edge_axis = [](int a, int b) {
    const int bit = a ^ b;
    return bit == 4 ? 0 : bit == 2 ? 1 : bit == 1 ? 2 : -1;
  };

  double area = 0;
  while (!open.empty()) {
    // The group of the last corner.
    std::vector<int> group = {open.back()};
    open.pop_back();
    for (size_t i = 0; i < group.size(); ++i) {
      for (size_t k = open.size(); k-- > 0;) {
        if (edge_axis(group[i], open[k]) < 0) continue;
        group.push_back(open[k]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(k));
      }
    }

    // What tells the groups of one size apart.
    std::array<int, 3> edges = {0, 0, 0};  // by axis, each edge counted from both ends
    std::vector<int> end_axes;             // axis of the edge of each corner that has only one
    size_t most = 0;                       // edges at one corner
    for (const int corner : group) {
      std::vector<int> axes;
      for (const int other : group) {
        if (const int axis = edge_axis(corner, other); axis >= 0) axes.push_back(axis);
      }
      for (const int axis : axes) ++edges[axis];
      if (axes.size() == 1) end_axes.push_back(axes[0]);
      most = std::max(most, axes.size());
    }
    const auto unused = std::find(edges.begin(), edges.end(), 0) - edges.begin();  // axis

    if (group.size() == 1) area += triangle;
    if (group.size() == 2) area += along(end_axes[0], 0.5);
    if (group.size() == 3) area += across(static_cast<int>(unused), 0.5) + 3 * triangle;
    if (group.size() == 4 && end_axes.empty()) area += across(static_cast<int>(unused), 1);
    if (group.size() == 4 && most == 3) area += 6 * triangle;
    if (group.size() == 4 && most == 2 && end_axes.size() == 2) {
      area += 4 * triangle + along(end_axes[0], 0.25) + along(end_axes[1], 0.25);
    }
  }
  return area;
}

// Area of the surface element at each corner between eight voxels, 0 where there is none.
// [D, H, W] with background around -> [D − 1, H − 1, W − 1], float64.
torch::Tensor element_areas(const torch::Tensor& mask, const Spacing& spacing) {
  auto code = torch::zeros({mask.size(0) - 1, mask.size(1) - 1, mask.size(2) - 1}, torch::kInt64);
  for (int64_t corner = 0; corner < 8; ++corner) {
    const auto part = mask.narrow(0, corner >> 2 & 1, code.size(0))
                          .narrow(1, corner >> 1 & 1, code.size(1))
                          .narrow(2, corner & 1, code.size(2));
    code += part.to(torch::kInt64) * (int64_t{1} << corner);
  }
  std::vector<double> areas(256);
  for (int c = 0; c < 256; ++c) areas[c] = element_area(c, spacing);
  return torch::tensor(areas, torch::kFloat64).index_select(0, code.flatten()).view(code.sizes());
}

struct Directed {
  double mean = 0, percentile95 = 0;
};

// Over the elements of one surface, weighted with their areas: the distance to the elements of the
// other.
Directed directed(const torch::Tensor& from_areas, const torch::Tensor& to_areas,
                  const Spacing& spacing) {
  const auto is_element = from_areas > 0;
  const auto [distances, order] =
      distance_to(to_areas > 0, spacing).masked_select(is_element).sort();
  const auto areas = from_areas.masked_select(is_element).index_select(0, order);
  const auto below = areas.cumsum(0) / areas.sum();
  const auto reached = std::min((below < 0.95).sum().item<int64_t>(), distances.numel() - 1);
  return {((distances * areas).sum() / areas.sum()).item<double>(),
          distances[reached].item<double>()};
}

}  // namespace

SurfaceDistances surface_distances(const torch::Tensor& prediction, const torch::Tensor& truth,
                                   const Spacing& spacing, const torch::Tensor& where) {
  check_masks(prediction, truth);
  const auto region = where.defined() ? where : torch::ones_like(truth);
  check_masks(region, truth);
  if (!prediction.any().item<bool>() || !truth.any().item<bool>()) return {kNan, kNan, kNan, kNan};
  const Masks masks = cut_to_box(prediction, truth, region);
  const auto a = surface_voxels(masks.prediction), b = surface_voxels(masks.truth);
  const auto from_a = distance_to(b, spacing).masked_select(a & masks.region);
  const auto from_b = distance_to(a, spacing).masked_select(b & masks.region);
  if (from_a.numel() == 0 || from_b.numel() == 0) return {kNan, kNan, kNan, kNan};
  const double mean_a = from_a.mean().item<double>(), mean_b = from_b.mean().item<double>();
  return {mean_a, std::max(from_a.max().item<double>(), from_b.max().item<double>()),
          (mean_a + mean_b) / 2, std::max(percentile(from_a, 95), percentile(from_b, 95))};
}

SurfaceDistancesMm area_weighted_distances(const torch::Tensor& prediction,
                                           const torch::Tensor& truth, const Spacing& spacing_mm) {
  check_masks(prediction, truth);
  if (!prediction.any().item<bool>() || !truth.any().item<bool>()) return {kNan, kNan};
  const Masks masks = cut_to_box(prediction, truth, torch::ones_like(truth));
  const auto a = element_areas(masks.prediction, spacing_mm),
             b = element_areas(masks.truth, spacing_mm);
  const Directed from_a = directed(a, b, spacing_mm), from_b = directed(b, a, spacing_mm);
  return {(from_a.mean + from_b.mean) / 2, std::max(from_a.percentile95, from_b.percentile95)};
}

}  // namespace dmcvr
