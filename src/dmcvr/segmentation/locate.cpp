// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/locate.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/geometry/components.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/segmentation/segment.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// Sums over one component.
struct Mass {
  double probability = 0;
  Point moment = {0, 0, 0};  // probability times voxel index
  int64_t voxels = 0;
  std::array<int64_t, 3> first = {INT64_MAX, INT64_MAX, INT64_MAX};
  std::array<int64_t, 3> last = {-1, -1, -1};
};

std::vector<Mass> masses(const Components& components, const torch::Tensor& foreground) {
  std::vector<Mass> result(components.sizes.size() + 1);
  const auto ids = components.ids.accessor<int32_t, 3>();
  const auto probability = foreground.accessor<float, 3>();
  for (int64_t k = 0; k < ids.size(0); ++k) {
    for (int64_t j = 0; j < ids.size(1); ++j) {
      for (int64_t i = 0; i < ids.size(2); ++i) {
        if (ids[k][j][i] == 0) continue;
        Mass& mass = result[ids[k][j][i]];
        const std::array<int64_t, 3> index = {i, j, k};
        const double p = probability[k][j][i];
        mass.probability += p;
        ++mass.voxels;
        for (size_t axis = 0; axis < 3; ++axis) {
          mass.moment[axis] += p * static_cast<double>(index[axis]);
          mass.first[axis] = std::min(mass.first[axis], index[axis]);
          mass.last[axis] = std::max(mass.last[axis], index[axis]);
        }
      }
    }
  }
  return result;
}

constexpr const char* kWayOut =
    "check that this is a short-axis cine of the heart, or give its center in the world: --center "
    "R,A,S in mm";

Point center_of(const Grid& grid) {
  Point middle;
  for (size_t axis = 0; axis < 3; ++axis)
    middle[axis] = static_cast<double>(grid.size[axis] - 1) / 2;
  return grid.world_from_voxel(middle);
}

// A center that the user gave lies in the field of view, or it belongs to another study.
void check_inside(const Point& center_mm, const Grid& grid) {
  const Point voxel = grid.voxel_from_world()(center_mm);
  for (size_t axis = 0; axis < 2; ++axis) {
    if (voxel[axis] >= -0.5 && voxel[axis] <= static_cast<double>(grid.size[axis]) - 0.5) continue;
    const Point middle = center_of(grid);
    throw Error(
        "center {:.1f},{:.1f},{:.1f} mm lies outside the slices, whose middle is "
        "{:.1f},{:.1f},{:.1f} mm",
        center_mm[0], center_mm[1], center_mm[2], middle[0], middle[1], middle[2]);
  }
}

}  // namespace

void LocateOptions::check() const {
  if (!center_mm.empty() && center_mm.size() != 3) {
    throw Error("locate.center_mm: {} numbers, expected three (R, A, S) or none", center_mm.size());
  }
  for (const double value : center_mm) {
    if (!std::isfinite(value)) throw Error("locate.center_mm: {} is not a finite number", value);
  }
  if (!(min_heart_ml > 0)) throw Error("locate.min_heart_ml: {} is not positive", min_heart_ml);
  if (!(max_heart_ml > min_heart_ml)) {
    throw Error("locate.max_heart_ml: {} is not above min_heart_ml, {}", max_heart_ml,
                min_heart_ml);
  }
  if (!(threshold > 0 && threshold < 1)) {
    throw Error("locate.threshold: {} is not between 0 and 1", threshold);
  }
}

Heart heart_from_probabilities(const torch::Tensor& foreground, const Grid& grid,
                               const LocateOptions& options) {
  const auto components = connected_components(foreground > options.threshold, Connectivity::faces);
  const auto candidates = masses(components, foreground);
  const auto best =
      *std::max_element(candidates.begin(), candidates.end(),
                        [](const Mass& a, const Mass& b) { return a.probability < b.probability; });

  Heart heart;
  heart.volume_ml = static_cast<double>(best.voxels) * grid.voxel_ml();
  if (!(heart.volume_ml >= options.min_heart_ml && heart.volume_ml <= options.max_heart_ml)) {
    throw Error("no heart found: the best candidate has {:.1f} ml, {} to {} ml are expected; {}",
                heart.volume_ml, options.min_heart_ml, options.max_heart_ml, kWayOut);
  }
  Point center;
  for (size_t axis = 0; axis < 3; ++axis) center[axis] = best.moment[axis] / best.probability;
  heart.center_mm = grid.world_from_voxel(center);
  heart.first_voxel = best.first;
  heart.last_voxel = best.last;
  heart.confidence = best.probability / static_cast<double>(best.voxels);
  return heart;
}

Heart locate_heart(const Study& study, Segmenter& segmenter, const LocateOptions& options,
                   int64_t batch_mib, const OnProgress& on_progress) {
  options.check();
  const Grid& grid = study.sax.grid;
  if (!options.center_mm.empty()) {
    Heart heart;
    heart.is_given = true;
    heart.center_mm = {options.center_mm[0], options.center_mm[1], options.center_mm[2]};
    check_inside(heart.center_mm, grid);
    return heart;
  }

  // Whole slices, as the segmenter wants to see them.
  InputRule rule = segmenter.info.input_rule;
  rule.patch_size = whole_slice_pixels(grid, rule);
  const Slices slices = slice_frame(study, center_of(grid), rule);
  const int64_t phase_count = study.sax.phase_count(), slice_count = grid.size[2];

  // The probability of being heart, mean over the phases, on the acquired grid.
  const int64_t bytes =
      segmenter_bytes(segmenter.network->options, rule.patch_size * rule.patch_size);
  const int64_t batch_size = items_within(batch_mib, bytes);
  auto foreground = torch::zeros({slice_count, rule.patch_size, rule.patch_size});  // [D, S, S]
  for (int64_t phase = 0; phase < phase_count; ++phase) {
    const auto pictures =
        cut_slices(study.sax.voxels[phase], slices, rule.patch_size).unsqueeze(1);  // [D, 1, S, S]
    const auto probabilities =
        label_probabilities(pictures, segmenter, batch_size, [&](int64_t done, int64_t) {
          if (on_progress) on_progress(phase * slice_count + done, phase_count * slice_count);
        });
    foreground += (1 - probabilities.select(1, 0)) / phase_count;
  }
  const auto on_grid =
      resample_in_plane(foreground, inverse(slices.slice_from_patch), slices.slice_size);
  const Heart heart = heart_from_probabilities(on_grid, grid, options);

  const auto spacing = grid.spacing_mm();
  for (size_t axis = 0; axis < 2; ++axis) {
    const double extent =
        static_cast<double>(heart.last_voxel[axis] - heart.first_voxel[axis] + 1) * spacing[axis];
    const double side = patch_side_mm(grid, segmenter.info.input_rule);
    if (extent > side) {
      spdlog::warn(
          "the heart extends over {:.0f} mm, the networks see {:.0f} mm of it; outside, slices are "
          "interpolated linearly and carry no labels",
          extent, side);
      break;
    }
  }
  return heart;
}

int64_t whole_slice_pixels(const Grid& grid, const InputRule& rule) {
  const auto spacing = grid.spacing_mm();
  double pixels = 0;
  for (size_t axis = 0; axis < 2; ++axis) {
    const double scale = rule.spacing_mm > 0 ? spacing[axis] / rule.spacing_mm : 1;
    pixels = std::max(pixels, static_cast<double>(grid.size[axis]) * scale);
  }
  return (static_cast<int64_t>(std::ceil(pixels - 1e-6)) + 31) / 32 * 32;
}

double patch_side_mm(const Grid& grid, const InputRule& rule) {
  const auto spacing = grid.spacing_mm();
  const double pixel = rule.spacing_mm > 0 ? rule.spacing_mm : std::min(spacing[0], spacing[1]);
  return static_cast<double>(rule.patch_size) * pixel;
}

Point center_for_patch(const Heart& heart, const Grid& grid, double side_mm) {
  if (heart.is_given) return heart.center_mm;
  const auto spacing = grid.spacing_mm();
  Point voxel = grid.voxel_from_world()(heart.center_mm);
  for (size_t axis = 0; axis < 2; ++axis) {
    // The box reaches half a voxel beyond its outermost centers.
    const double half = side_mm / 2 / spacing[axis];
    const double low = static_cast<double>(heart.last_voxel[axis]) + 0.5 - half;
    const double high = static_cast<double>(heart.first_voxel[axis]) - 0.5 + half;
    voxel[axis] = low <= high ? std::clamp(voxel[axis], low, high) : (low + high) / 2;
  }
  return grid.world_from_voxel(voxel);
}

}  // namespace dmcvr
