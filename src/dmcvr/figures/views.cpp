// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/views.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace dmcvr {
namespace {

// ---- what labels occupy ----

// Voxel coordinates of the centers of a mask's cross-sections, and how many voxels each has.
struct Sections {
  std::vector<double> column, row, slice, count;
  double total = 0;
};

// Of the labels [T, D, H, W] from `least` to `largest`. A mask of a whole film would take the
// memory of several, as would its sum.
Sections sections(const torch::Tensor& labels, int64_t least, int64_t largest) {
  auto counts = torch::zeros(labels.sizes().slice(1), torch::kFloat64);  // [D, H, W]
  for (int64_t t = 0; t < labels.size(0); ++t)
    counts += (labels[t] >= least).logical_and_(labels[t] <= largest);
  const auto rows = torch::arange(counts.size(1), torch::kFloat64);
  const auto columns = torch::arange(counts.size(2), torch::kFloat64);
  Sections result;
  for (int64_t k = 0; k < counts.size(0); ++k) {
    const double count = counts[k].sum().item<double>();
    if (count == 0) continue;
    result.slice.push_back(static_cast<double>(k));
    result.count.push_back(count);
    result.row.push_back((counts[k].sum(1) * rows).sum().item<double>() / count);
    result.column.push_back((counts[k].sum(0) * columns).sum().item<double>() / count);
    result.total += count;
  }
  return result;
}

// Where any phase has a label, [D, H, W].
torch::Tensor occupied(const torch::Tensor& labels) {
  auto found = labels[0] > 0;
  for (int64_t t = 1; t < labels.size(0); ++t) found.logical_or_(labels[t]);
  return found;
}

double weighted_mean(const std::vector<double>& values, const Sections& s) {
  double sum = 0;
  for (size_t n = 0; n < values.size(); ++n) sum += s.count[n] * values[n];
  return sum / s.total;
}

// d values / d slice of the least-squares line, weighted by voxel counts; 0 for a single slice.
double slope_over_slices(const std::vector<double>& values, const Sections& s) {
  const double middle = weighted_mean(s.slice, s), level = weighted_mean(values, s);
  double covariance = 0, variance = 0;
  for (size_t n = 0; n < values.size(); ++n) {
    covariance += s.count[n] * (s.slice[n] - middle) * (values[n] - level);
    variance += s.count[n] * (s.slice[n] - middle) * (s.slice[n] - middle);
  }
  return variance > 0 ? covariance / variance : 0;
}

Point center_of(const Sections& s) {
  return {weighted_mean(s.column, s), weighted_mean(s.row, s), weighted_mean(s.slice, s)};
}

// First and last index along an axis of [D, H, W] where the mask is true; all where it never is.
std::array<double, 2> index_range(const torch::Tensor& mask, int64_t axis) {
  auto any = mask;
  for (int64_t other = 2; other >= 0; --other) {
    if (other != axis) any = any.any(other);
  }
  const auto indices = any.nonzero();
  if (indices.numel() == 0) return {0, static_cast<double>(mask.size(axis) - 1)};
  return {indices.min().item<double>(), indices.max().item<double>()};
}

Grid view_grid(const Point& first, const Point& right, const Point& down, double mm_per_pixel) {
  Grid grid;
  const Point into = cross(right, down);
  for (int i = 0; i < 3; ++i) {
    grid.world_from_voxel.matrix[i] = {right[i] * mm_per_pixel, down[i] * mm_per_pixel, into[i]};
  }
  grid.world_from_voxel.offset = first;
  return grid;
}

}  // namespace

HeartAxes heart_axes(const Labels& labels) {
  const Affine& world = labels.grid.world_from_voxel;
  const Sections heart = sections(labels.voxels, 1, 255);
  const Sections lv = sections(labels.voxels, kLvc, kLvc);
  const Sections rv = sections(labels.voxels, kRvc, kRvc);
  HeartAxes axes;

  // The LV's line; toward the end where the cross-sections of the heart grow smaller.
  const Sections& core = lv.total > 0 ? lv : heart;
  Point direction = world.column(2);
  axes.center = world({(labels.grid.size[0] - 1) / 2.0, (labels.grid.size[1] - 1) / 2.0,
                       (labels.grid.size[2] - 1) / 2.0});
  if (core.total > 0) {
    axes.center = world(center_of(core));
    direction = plus(direction, plus(times(slope_over_slices(core.column, core), world.column(0)),
                                     times(slope_over_slices(core.row, core), world.column(1))));
    axes.apex_is_last = slope_over_slices(heart.count, heart) <= 0;
  }
  axes.to_apex = times(axes.apex_is_last ? 1 : -1, unit_vector(direction));

  // The RV's side of it.
  Point side = times(-1, world.column(0));
  if (rv.total > 0) side = minus(world(center_of(rv)), axes.center);
  if (std::abs(dot(unit_vector(side), axes.to_apex)) > 0.99) side = world.column(1);
  axes.to_right_ventricle = unit_vector(minus(side, times(dot(side, axes.to_apex), axes.to_apex)));

  // How far the labels reach along the three directions, by the corners of their voxels' box.
  const auto found = occupied(labels.voxels).nonzero();  // [N, 3]: slice, row, column
  axes.lower = {0, 0, 0};
  axes.upper = {0, 0, 0};
  const Point directions[] = {times(-1, axes.to_right_ventricle), axes.to_apex,
                              cross(axes.to_apex, axes.to_right_ventricle)};
  const auto index = found.to(torch::kFloat64).flip(1).contiguous();  // [N, 3]: column, row, slice
  const auto* values = index.data_ptr<double>();
  for (int64_t n = 0; n < index.size(0); ++n) {
    const Point p =
        minus(world({values[3 * n], values[3 * n + 1], values[3 * n + 2]}), axes.center);
    for (int axis = 0; axis < 3; ++axis) {
      axes.lower[axis] = std::min(axes.lower[axis], dot(p, directions[axis]));
      axes.upper[axis] = std::max(axes.upper[axis], dot(p, directions[axis]));
    }
  }
  return axes;
}

VoxelBox label_box(const Labels& labels) {
  const auto is_heart = occupied(labels.voxels);
  VoxelBox box;
  for (int axis = 0; axis < 3; ++axis) {
    const auto range = index_range(is_heart, 2 - axis);
    box.first[axis] = range[0];
    box.last[axis] = range[1];
  }
  return box;
}

Grid short_axis_view(const Grid& grid, const VoxelBox& box, int64_t plane,
                     const ShortAxisOptions& options) {
  // The in-plane axes, either way and either order, that come nearest to left-and-back for "right"
  // and to the feet, or else the back, for "down".
  const Affine& world = grid.world_from_voxel;
  const Point wanted_right = {-0.8, -0.6, 0}, wanted_down = {0, -0.35, -0.94};
  Point right{}, down{};
  double best = -std::numeric_limits<double>::infinity();
  for (int axis = 0; axis < 2; ++axis) {
    for (const double r : {1.0, -1.0}) {
      for (const double d : {1.0, -1.0}) {
        const Point a = times(r, unit_vector(world.column(axis))),
                    b = times(d, unit_vector(world.column(1 - axis)));
        const double score = dot(a, wanted_right) + dot(b, wanted_down);
        if (score > best + 1e-9) {
          best = score;
          right = a;
          down = b;
        }
      }
    }
  }

  const auto spacing = grid.spacing_mm();
  const double side = std::max((box.last[0] - box.first[0] + 1) * spacing[0],
                               (box.last[1] - box.first[1] + 1) * spacing[1]) +
                      2 * options.margin_mm;
  const double mm_per_pixel = side / static_cast<double>(options.pixels);
  const double back = -(side - mm_per_pixel) / 2;
  const Point middle = world({(box.first[0] + box.last[0]) / 2, (box.first[1] + box.last[1]) / 2,
                              static_cast<double>(plane)});
  Grid view = view_grid(plus(middle, times(back, plus(right, down))), right, down, mm_per_pixel);
  view.size = {options.pixels, options.pixels, 1};
  return view;
}

std::array<Grid, 2> long_axis_views(const Labels& labels, double margin_mm, int64_t width) {
  const HeartAxes axes = heart_axes(labels);
  const Point right = times(-1, axes.to_right_ventricle);
  const Point front = cross(axes.to_apex, axes.to_right_ventricle);

  // One scale for both, so that they can be compared: the wider one fills the width.
  const double reach =
      std::max({axes.upper[0] - axes.lower[0], axes.upper[2] - axes.lower[2], 20.0}) +
      2 * margin_mm;
  const double mm_per_pixel = reach / static_cast<double>(width);
  const double top = axes.lower[1] - margin_mm;
  const double height_mm = axes.upper[1] + margin_mm - top;
  const auto height =
      std::max<int64_t>(static_cast<int64_t>(std::llround(height_mm / mm_per_pixel)), 1);

  std::array<Grid, 2> views;
  for (int n = 0; n < 2; ++n) {
    const Point& across = n == 0 ? right : front;
    const double middle = (axes.lower[2 * n] + axes.upper[2 * n]) / 2;
    const double left = middle - (reach - mm_per_pixel) / 2;
    const Point first = plus(axes.center, plus(times(left, across), times(top, axes.to_apex)));
    views[n] = view_grid(first, across, axes.to_apex, mm_per_pixel);
    views[n].size = {width, height, 1};
  }
  return views;
}

torch::Tensor repeat_nearest(const torch::Tensor& planes, const std::vector<int64_t>& acquired) {
  TORCH_CHECK(planes.dim() == 3 && !acquired.empty(), "repeat_nearest: planes ", planes.sizes(),
              ", ", acquired.size(), " acquired");
  std::vector<int64_t> source(static_cast<size_t>(planes.size(0)));
  for (int64_t k = 0; k < planes.size(0); ++k) {
    source[static_cast<size_t>(k)] =
        *std::min_element(acquired.begin(), acquired.end(),
                          [&](int64_t a, int64_t b) { return std::abs(a - k) < std::abs(b - k); });
  }
  return planes.index_select(0, torch::tensor(source, torch::kInt64));
}

}  // namespace dmcvr
