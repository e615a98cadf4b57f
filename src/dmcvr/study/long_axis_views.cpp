// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/long_axis_views.h"

#include "dmcvr/core/random.h"
#include "dmcvr/study/slabs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kThickestMm = 8;
const std::array<const char*, kLongAxisViews> kNames = {"2ch", "3ch", "4ch"};
constexpr double kMiddle = 0.22;  // of the LV's length from its base: where the picture's middle is

LongAxisPlane plane_of(const LongAxis& axis, const PhantomOptions& options, size_t view) {
  LongAxisPlane plane;
  plane.name = kNames[view];
  plane.spacing_mm = options.spacing_mm;
  const double angle = axis.view_angles[view];
  plane.column = {std::cos(angle), std::sin(angle), 0};
  // The axis of the LV leans; rows run along what of it is at a right angle to the columns, upward
  // to the apex.
  const Point down = minus(axis.at(1), axis.at(0));
  plane.row = times(-1, unit_vector(minus(down, times(dot(down, plane.column), plane.column))));
  plane.normal = cross(plane.column, plane.row);
  const double half_mm = 0.5 * static_cast<double>(options.matrix - 1) * plane.spacing_mm;
  plane.origin_mm = minus(axis.at(kMiddle * axis.length_mm),
                          plus(times(half_mm, plane.column), times(half_mm, plane.row)));
  return plane;
}

}  // namespace

PicturePlane LongAxisPlane::picture_row(int64_t row_index, int64_t columns,
                                        double offset_mm) const {
  const Point start = plus(plus(origin_mm, times(static_cast<double>(row_index) * spacing_mm, row)),
                           times(offset_mm, normal));
  PicturePlane picture;
  picture.columns = columns;
  picture.spacing_mm = spacing_mm;
  picture.origin_mm = {start[0], start[1]};
  picture.z_mm = start[2];
  picture.across = {column[0], column[1]};
  return picture;
}

std::vector<LongAxisPlane> long_axis_planes(const Scan& scan, const PhantomOptions& options) {
  std::vector<LongAxisPlane> planes;
  for (size_t view = 0; view < kNames.size(); ++view)
    planes.push_back(plane_of(scan.axis, options, view));
  return planes;
}

std::vector<View> scan_long_axis(const Scan& scan, const Subject& subject,
                                 const PhantomOptions& options, const Thorax& thorax,
                                 const OnPhase& on_phase) {
  const auto seed = static_cast<uint64_t>(options.seed);
  const int64_t side = options.matrix;
  const auto filter = band_filter(scan.band, side, side);
  const double thickness_mm = std::min(options.thickness_mm, kThickestMm);
  const SlabRule rule = slab_rule(thickness_mm, options.spacing_mm);
  const auto planes_per_row = static_cast<int64_t>(rule.offsets_mm.size());
  const double deviation = options.noise * scan.contrast.blood * scan.scanner_units;

  std::vector<View> views;
  for (const LongAxisPlane& plane : long_axis_planes(scan, options)) {
    // Every row is a slab of its own.
    std::vector<PicturePlane> middles, thin;
    std::vector<int64_t> first;
    for (int64_t j = 0; j < side; ++j) {
      middles.push_back(plane.picture_row(j, side, 0));
      first.push_back(j * planes_per_row);
      for (const double offset_mm : rule.offsets_mm)
        thin.push_back(plane.picture_row(j, side, offset_mm));
    }
    const Slabs slabs(thorax, std::move(thin), std::move(first), rule);
    const auto gain = gain_of(scan, thorax, middles).select(1, 0);  // [H, W]

    Grid grid;
    grid.size = {side, side, 1};
    Affine heart_from_voxel;
    for (size_t i = 0; i < 3; ++i) {
      heart_from_voxel.matrix[i] = {plane.spacing_mm * plane.column[i],
                                    plane.spacing_mm * plane.row[i],
                                    thickness_mm * plane.normal[i]};
    }
    heart_from_voxel.offset = plane.origin_mm;
    grid.world_from_voxel = scan.world_from_heart * heart_from_voxel;

    const auto shape = {options.phases, int64_t{1}, side, side};
    View view{plane.name, {grid, torch::empty(shape), {}}, {}};
    view.labels = Labels{grid, torch::empty(shape, torch::kUInt8), label_table()};
    for (int64_t t = 0; t < options.phases; ++t) {
      const auto paint = [&](const PicturePlane& thin_plane) {
        return subject.paint(t, thin_plane);
      };
      const auto signal = slabs.pictures(paint).select(1, 0) * gain;  // [H, W]
      auto generator = make_generator(seed, "noise " + plane.name, static_cast<uint64_t>(t));
      view.cine.voxels[t][0].copy_(band_limited(signal, filter, deviation, generator).round_());
      view.labels->voxels[t][0].copy_(labels_of(subject, t, middles).select(1, 0));
      view.cine.times_ms.push_back(scan.beat_ms * static_cast<double>(t) /
                                   static_cast<double>(options.phases));
      on_phase();
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace dmcvr
