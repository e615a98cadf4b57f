// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/painted_map.h"

#include "dmcvr/core/random.h"
#include "dmcvr/study/map_painting.h"
#include "dmcvr/study/phantom_scan.h"
#include "dmcvr/study/scanner.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kTiltRad = 0.12;
constexpr double kSizeSpread = 0.07, kLengthSpread = 0.05;  // of the logarithm
// Where views are usual about the left ventricle: the right one lies at 180 degrees.
constexpr double kQuarterTurn = 1.57079632679489661923;
constexpr std::array<double, 3> kViewAngles = {-kQuarterTurn, -kQuarterTurn / 3, 0};

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
  double volume_factor = 1;
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
  const double second_tilt = normal(generator, 0, kTiltRad);
  const double first_tilt = normal(generator, 0, kTiltRad);
  frame.rigid = back * turned(0, first_tilt) * turned(1, second_tilt) * to_middle;
  Affine scale;
  for (size_t axis = 0; axis < 3; ++axis)
    scale.matrix[axis][axis] = 1 / (size * (axis == 2 ? along : 1));
  frame.heart_from_plane = scale * frame.rigid;
  frame.length_mm = map.length_mm * size * along;
  frame.volume_factor = size * size * size * along;

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

// Where the long axis of the map runs between the slices.
LongAxis axis_in(const SliceFrame& frame, double length_mm) {
  const Affine plane_from_heart = inverse(frame.heart_from_plane);
  LongAxis axis;
  axis.base_mm = plane_from_heart({0, 0, 0});
  const Point along = minus(plane_from_heart({0, 0, length_mm}), axis.base_mm);
  axis.lean = {along[0] / along[2], along[1] / along[2]};
  axis.length_mm = along[2];
  axis.view_angles = kViewAngles;
  return axis;
}

PhantomTruth truth_of(const TissueMap& map, const SliceFrame& frame) {
  const auto ml_of = [&](int64_t label) {
    return (map.voxels == label).sum().item<double>() * map.grid.voxel_ml() * frame.volume_factor;
  };
  PhantomTruth truth;
  truth.lv_ml = {ml_of(kLvc)};
  truth.rv_ml = {ml_of(kRvc)};
  truth.lvm_g = ml_of(kLvm) * kMyocardiumGramsPerMl;
  return truth;
}

}  // namespace

Phantom paint_map(const TissueMap& map, PhantomOptions options, const OnProgress& on_progress) {
  options.phases = 1;
  options.check();
  const auto seed = static_cast<uint64_t>(options.seed);
  auto generator = make_generator(seed, "map scan");
  const SliceFrame frame = draw_frame(map, generator);
  Scan scan;
  scan.axis = axis_in(frame, map.length_mm);
  scan.contrast = draw_contrast(seed);
  const double top_mm = scan.axis.at(0)[2];
  draw_pictures(scan, top_mm, top_mm + scan.axis.length_mm, options, generator);
  scan.world_from_heart = map.world_from_heart * frame.rigid;
  draw_grid(scan, options, generator);
  scan.room = draw_room(frame, generator);

  const Affine voxel_from_plane =
      inverse(map.grid.world_from_voxel) * map.world_from_heart * frame.heart_from_plane;
  const MapPainter painter(seed, with_surroundings(map, uniform(generator, 1, 7)), voxel_from_plane,
                           scan.contrast);
  Subject subject;
  subject.paint = [&](int64_t, const PicturePlane& plane) { return painter.paint(plane); };
  subject.labels = [&](int64_t, const PicturePlane& plane) { return painter.labels(plane); };
  Phantom phantom = scan_subject(scan, subject, options, on_progress);
  phantom.study.source = "painted map";
  phantom.study.name = "painted-map";
  phantom.truth = truth_of(map, frame);
  return phantom;
}

}  // namespace dmcvr
