// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/painted_map.h"

#include "dmcvr/core/random.h"
#include "dmcvr/study/kspace.h"
#include "dmcvr/study/map_painting.h"
#include "dmcvr/study/slabs.h"
#include "dmcvr/study/thorax.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

constexpr int64_t kSide = 192;  // pixels of a slice
constexpr double kTiltRad = 0.12, kTurnRad = 0.3;
constexpr double kSizeSpread = 0.07, kLengthSpread = 0.05;                     // of the logarithm
constexpr double kMedianBreathMm = 1, kBreathSpread = 0.5, kMostBreathMm = 5;  // as in phantoms

Affine turned(int axis, double angle) {
  const auto a = static_cast<size_t>((axis + 1) % 3), b = static_cast<size_t>((axis + 2) % 3);
  Affine turn;
  turn.matrix[a][a] = turn.matrix[b][b] = std::cos(angle);
  turn.matrix[a][b] = -std::sin(angle);
  turn.matrix[b][a] = std::sin(angle);
  return turn;
}

// The frame of the slices in the map, and how far the heart reaches in it.
struct SliceFrame {
  Affine heart_from_plane;  // the heart's frame of the map from that of the slices, with its size
  Affine rigid;             // the same without the size
  double length_mm = 90, right_mm = 60, down_mm = 60;  // base to apex; from the axis
};

SliceFrame draw_frame(const TissueMap& map, at::Generator& generator) {
  SliceFrame frame;
  const double size = std::exp(normal(generator, 0, kSizeSpread));
  const double along = std::exp(normal(generator, 0, kLengthSpread));
  // Around the middle of the ventricle, so that the slices still meet it.
  Affine to_middle, back;
  to_middle.offset = {0, 0, -map.length_mm / 2};
  back.offset = {0, 0, map.length_mm / 2};
  frame.rigid = back * turned(0, normal(generator, 0, kTiltRad)) *
                turned(1, normal(generator, 0, kTiltRad)) * to_middle;
  Affine scale;
  for (size_t axis = 0; axis < 3; ++axis)
    scale.matrix[axis][axis] = 1 / (size * (axis == 2 ? along : 1));
  frame.heart_from_plane = scale * frame.rigid;
  frame.length_mm = map.length_mm * size * along;

  // The ventricles' largest extent to the right and down, for the chest to give room to.
  const Affine plane_from_voxel =
      inverse(frame.heart_from_plane) * inverse(map.world_from_heart) * map.grid.world_from_voxel;
  const auto places = map.voxels.gt(0).logical_and(map.voxels.le(kRvc)).nonzero();  // [N, 3]
  const auto* index = places.data_ptr<int64_t>();
  frame.right_mm = frame.down_mm = 0;
  for (int64_t n = 0; n < places.size(0); ++n) {
    const Point p = plane_from_voxel({static_cast<double>(index[3 * n + 2]),
                                      static_cast<double>(index[3 * n + 1]),
                                      static_cast<double>(index[3 * n])});
    frame.right_mm = std::max(frame.right_mm, p[0]);
    frame.down_mm = std::max(frame.down_mm, p[1]);
  }
  return frame;
}

// As the phantom's: chest wall and diaphragm follow the heart down to its apex.
ThoraxShape draw_room(const SliceFrame& frame, at::Generator& generator) {
  ThoraxShape room;
  room.left_mm = frame.right_mm + uniform(generator, 5, 12);
  room.diaphragm_mm = frame.down_mm + uniform(generator, 0, 5);
  room.left_slope =
      std::clamp((room.left_mm - uniform(generator, 16, 40)) / frame.length_mm, 0.0, 0.6);
  room.diaphragm_slope =
      std::clamp((room.diaphragm_mm - uniform(generator, 9, 24)) / frame.length_mm, 0.1, 0.5);
  return room;
}

// Slices from above the base to below the apex, and the planes that the scanner looks at.
struct Slicing {
  double pitch_mm = 9, thickness_mm = 8;
  PicturePlane picture;  // without z
  std::vector<double> z_mm;
};

Slicing draw_slicing(const SliceFrame& frame, at::Generator& generator) {
  Slicing slicing;
  slicing.pitch_mm = uniform(generator, 8, 10);
  slicing.thickness_mm = slicing.pitch_mm * uniform(generator, 0.65, 1);
  const double first_mm = -uniform(generator, 0.2, 1) * slicing.pitch_mm;
  for (double z = first_mm; z < frame.length_mm + slicing.pitch_mm; z += slicing.pitch_mm)
    slicing.z_mm.push_back(z);
  if (uniform(generator) < 0.5) std::reverse(slicing.z_mm.begin(), slicing.z_mm.end());
  PicturePlane& picture = slicing.picture;
  picture.columns = picture.rows = kSide;
  picture.spacing_mm = uniform(generator, 1.3, 1.7);
  const double turn = normal(generator, 0, kTurnRad);
  picture.across = {std::cos(turn), std::sin(turn)};
  const double x = uniform(generator, 0.4, 0.5) * kSide * picture.spacing_mm;
  const double y = uniform(generator, 0.45, 0.55) * kSide * picture.spacing_mm;
  picture.origin_mm = {-(picture.across[0] * x - picture.across[1] * y),
                       -(picture.across[1] * x + picture.across[0] * y)};
  return slicing;
}

Grid grid_of(const Slicing& slicing, const Affine& world_from_plane) {
  const PicturePlane& picture = slicing.picture;
  const double s = picture.spacing_mm, step = slicing.z_mm[1] - slicing.z_mm[0];
  Affine plane_from_voxel;
  plane_from_voxel.matrix = {{{s * picture.across[0], -s * picture.across[1], 0},
                              {s * picture.across[1], s * picture.across[0], 0},
                              {0, 0, step}}};
  plane_from_voxel.offset = {picture.origin_mm[0], picture.origin_mm[1], slicing.z_mm.front()};
  Grid grid;
  grid.size = {kSide, kSide, static_cast<int64_t>(slicing.z_mm.size())};
  grid.world_from_voxel = world_from_plane * plane_from_voxel;
  return grid;
}

torch::Tensor stacked(int64_t count, const std::function<torch::Tensor(size_t)>& make) {
  std::vector<torch::Tensor> parts(static_cast<size_t>(count));
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      parts[static_cast<size_t>(n)] = make(static_cast<size_t>(n));
  });
  return torch::stack(parts);
}

}  // namespace

Study paint_map(const TissueMap& map, uint64_t seed) {
  auto generator = make_generator(seed, "map scan");
  const SliceFrame frame = draw_frame(map, generator);
  const Slicing slicing = draw_slicing(frame, generator);
  const Contrast contrast = draw_contrast(seed);
  const Thorax thorax(seed, draw_room(frame, generator), contrast);
  const Affine voxel_from_plane =
      inverse(map.grid.world_from_voxel) * map.world_from_heart * frame.heart_from_plane;
  const MapPainter painter(seed, with_surroundings(map, uniform(generator, 1, 7)), voxel_from_plane,
                           contrast);

  // The thin planes of every slice, shifted as the breath was held.
  const double breath_mm =
      std::min(kMedianBreathMm * std::exp(normal(generator, 0, kBreathSpread)), kMostBreathMm);
  const SlabRule rule = slab_rule(slicing.thickness_mm, slicing.picture.spacing_mm);
  std::vector<PicturePlane> still, middles, thin;
  std::vector<int64_t> first;
  for (const double z_mm : slicing.z_mm) {
    PicturePlane plane = slicing.picture;
    plane.z_mm = z_mm;
    still.push_back(plane);  // the coil does not breathe
    for (double& origin : plane.origin_mm) origin += normal(generator, 0, breath_mm);
    middles.push_back(plane);
    first.push_back(static_cast<int64_t>(thin.size()));
    for (const double offset_mm : rule.offsets_mm) {
      plane.z_mm = z_mm + offset_mm;
      thin.push_back(plane);
    }
  }
  const auto slices = static_cast<int64_t>(slicing.z_mm.size());
  const Slabs slabs(thorax, std::move(thin), std::move(first), rule);
  const double scanner_units = uniform(generator, 220, 1300);
  const auto gain =
      stacked(slices, [&](size_t k) { return thorax.shading(still[k]); }) * scanner_units;

  // What the scanner makes of it.
  const double acquired = uniform(generator, 0.85, 1.2);
  Band band;
  band.share = {acquired * uniform(generator, 0.85, 1), acquired};
  band.flat = uniform(generator, 0.5, 0.9);
  const auto signal =
      slabs.pictures([&](const PicturePlane& plane) { return painter.paint(plane); }) * gain;
  const double deviation = uniform(generator, 0.01, 0.05) * contrast.blood * scanner_units;
  Study study;
  study.source = "painted map";
  study.name = "painted-map";
  study.phase_names = {"ed"};
  study.sax.grid = grid_of(slicing, map.world_from_heart * frame.rigid);
  study.sax.voxels = band_limited(signal, band_filter(band, kSide, kSide), deviation,
                                  make_generator(seed, "map noise"))
                         .round_()
                         .unsqueeze(0);
  study.labels =
      Labels{study.sax.grid,
             stacked(slices, [&](size_t k) { return painter.labels(middles[k]); }).unsqueeze(0),
             label_table()};
  return study;
}

}  // namespace dmcvr
