// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/phantom_scan.h"

#include "dmcvr/core/random.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

// Of a drawn pitch; few slices then lie around the middle of the heart.
constexpr double kWidestPitchMm = 12;
constexpr double kRightAngle = 1.57079632679489661923;

// Deviations per axis of the shift of a slice: the center of a slice's left ventricle lies 1.6 mm
// (median) from the middle of its neighbors' in ACDC.
constexpr double kMedianShiftMm = 1, kShiftSpread = 0.5;

// The heart frame in the patient: the long axis runs to the left, front and feet; pictures have the
// feet below and the back to the right. The frame is left-handed, as short-axis pictures from base
// to apex are.
Affine draw_world_from_heart(at::Generator& generator) {
  const auto wobble = [&](double mean) { return mean + normal(generator, 0, 0.07); };
  const Point apex = unit_vector({wobble(-0.65), wobble(0.6), wobble(-0.45)});
  const Point feet = {0, 0, -1};
  const Point down = unit_vector(minus(feet, times(dot(apex, feet), apex)));
  const Point right = cross(apex, down);
  Affine world_from_heart;
  for (size_t row = 0; row < 3; ++row)
    world_from_heart.matrix[row] = {right[row], down[row], apex[row]};
  world_from_heart.offset = {normal(generator, -20, 10), normal(generator, 5, 10),
                             normal(generator, 0, 30)};
  return world_from_heart;
}

// Where slices lie along the heart, and the options that this settles.
std::vector<double> place_slices(double top_mm, double bottom_mm, PhantomOptions& options,
                                 at::Generator& generator) {
  const double drawn_pitch = uniform(generator, 8, 10), above = uniform(generator, 0.2, 1);
  double first_mm = 0;
  if (options.slices == 0) {
    if (options.pitch_mm == 0) options.pitch_mm = drawn_pitch;
    first_mm = top_mm - above * options.pitch_mm;
    options.slices = static_cast<int64_t>(std::ceil((bottom_mm - first_mm) / options.pitch_mm)) + 1;
  } else {
    const double reach_mm = bottom_mm - top_mm;
    const auto gaps = static_cast<double>(options.slices - 1);
    if (options.pitch_mm == 0) options.pitch_mm = std::min(kWidestPitchMm, 1.08 * reach_mm / gaps);
    first_mm = top_mm + (reach_mm - gaps * options.pitch_mm) / 2;
  }
  std::vector<double> z_mm;
  for (int64_t k = 0; k < options.slices; ++k)
    z_mm.push_back(first_mm + static_cast<double>(k) * options.pitch_mm);
  return z_mm;
}

// So that chest wall and diaphragm follow the heart down to its apex.
ThoraxShape room_for(const HeartShape& shape, const HeartPhase& ed, at::Generator& generator) {
  const auto& lean = shape.lean;
  ThoraxShape room;
  room.left_mm = ed.epi_a_mm + ed.rv_gap_mm + uniform(generator, 5, 12);
  room.diaphragm_mm = ed.epi_a_mm + uniform(generator, 0, 5);
  const double left_at_apex_mm = uniform(generator, 16, 40) - lean[0] * ed.z_apex_mm();
  const double floor_at_apex_mm = uniform(generator, 9, 24) + lean[1] * ed.z_apex_mm();
  room.left_slope = std::clamp((room.left_mm - left_at_apex_mm) / ed.z_apex_mm(), 0.0, 0.6);
  room.diaphragm_slope =
      std::clamp((room.diaphragm_mm - floor_at_apex_mm) / ed.z_apex_mm(), 0.1, 0.5);
  // A little less than in ED, so that fat does not fill what the heart leaves in ES.
  const double reach_mm = 0.75 * ed.rv_gap_mm;
  room.heart_end = {reach_mm * std::cos(shape.rv_angle), reach_mm * std::sin(shape.rv_angle)};
  room.heart_lean = lean;
  room.heart_radius_mm = 0.9 * ed.epi_a_mm;
  room.heart_center_z_mm = ed.z_center_mm;
  room.heart_half_length_mm = ed.epi_b_mm;
  return room;
}

}  // namespace

Point LongAxis::at(double z_mm) const {
  return plus(base_mm, {lean[0] * z_mm, lean[1] * z_mm, z_mm});
}

void draw_pictures(Scan& scan, double top_mm, double bottom_mm, PhantomOptions& options,
                   at::Generator& generator) {
  const double drawn_spacing = uniform(generator, 1.3, 1.7),
               drawn_thickness = uniform(generator, 0.65, 1);
  const double drawn_noise = uniform(generator);
  if (options.spacing_mm == 0) options.spacing_mm = drawn_spacing;
  if (options.noise < 0) options.noise = 0.01 + 0.03 * drawn_noise * drawn_noise;
  // Across studies the shifts of breath-holds spread as those of the ACDC training patients do.
  const double drawn_shift = kMedianShiftMm * std::exp(normal(generator, 0, kShiftSpread));
  if (options.breath_hold_mm < 0) options.breath_hold_mm = std::min(drawn_shift, 5.0);
  const double acquired = uniform(generator, 0.85, 1.2);
  scan.band.share = {acquired * uniform(generator, 0.85, 1), acquired};
  scan.band.flat = uniform(generator, 0.1, 0.55);
  scan.band.edge = 0.12;
  scan.slice_z_mm = place_slices(top_mm, bottom_mm, options, generator);
  if (options.thickness_mm == 0) options.thickness_mm = drawn_thickness * options.pitch_mm;

  // The heart lies near the middle of the picture, turned a little.
  PicturePlane& picture = scan.picture;
  picture.columns = picture.rows = options.matrix;
  picture.spacing_mm = options.spacing_mm;
  const double turn = normal(generator, 0, 0.3);
  picture.across = {std::cos(turn), std::sin(turn)};
  const double column = uniform(generator, 0.4, 0.5) * static_cast<double>(options.matrix);
  const double row = uniform(generator, 0.45, 0.55) * static_cast<double>(options.matrix);
  const Point middle = scan.axis.at(0.5 * scan.axis.length_mm);
  const double x = column * picture.spacing_mm, y = row * picture.spacing_mm;
  picture.origin_mm = {middle[0] - (picture.across[0] * x - picture.across[1] * y),
                       middle[1] - (picture.across[1] * x + picture.across[0] * y)};
}

void draw_grid(Scan& scan, const PhantomOptions& options, at::Generator& generator) {
  // Scanners number slices either way.
  if (uniform(generator) < 0.5) std::reverse(scan.slice_z_mm.begin(), scan.slice_z_mm.end());
  const PicturePlane& picture = scan.picture;
  const double step = scan.slice_z_mm[1] - scan.slice_z_mm[0];
  Affine heart_from_voxel;
  const double s = picture.spacing_mm;
  heart_from_voxel.matrix = {{{s * picture.across[0], -s * picture.across[1], 0},
                              {s * picture.across[1], s * picture.across[0], 0},
                              {0, 0, step}}};
  heart_from_voxel.offset = {picture.origin_mm[0], picture.origin_mm[1], scan.slice_z_mm[0]};
  scan.grid.size = {options.matrix, options.matrix, options.slices};
  scan.grid.world_from_voxel = scan.world_from_heart * heart_from_voxel;
  scan.scanner_units = uniform(generator, 220, 1300);
}

HeartScan draw_scan(PhantomOptions& options) {
  const auto seed = static_cast<uint64_t>(options.seed);
  auto generator = make_generator(seed, "scan");
  HeartScan drawn;
  Scan& scan = drawn.scan;
  const HeartWishes wishes{options.ejection_fraction, -1, options.pathology};
  HeartShape& shape = drawn.shape;
  shape = draw_heart(seed, wishes);
  options.pathology = pathology_of(seed, wishes);
  options.ejection_fraction = shape.ejection_fraction;
  scan.contrast = draw_contrast(seed);
  // The right ventricle to the left in 4ch, the front wall and the aorta to the right in the
  // others.
  scan.axis = {{0, 0, 0},
               shape.lean,
               shape.length_mm,
               {shape.rv_angle + kRightAngle, HeartChambers(seed, shape).aorta_angle(),
                shape.rv_angle + 2 * kRightAngle}};

  // One heartbeat. ES falls on a phase, so that the ejection fraction is reached.
  scan.beat_ms = uniform(generator, 700, 1150);
  const auto count = static_cast<double>(options.phases);
  scan.es_index = options.phases == 1 ? 0 : std::max<int64_t>(1, std::llround(0.36 * count));
  for (int64_t t = 0; t < options.phases; ++t) {
    const double fraction = static_cast<double>(t) / count,
                 es = static_cast<double>(scan.es_index) / count;
    drawn.phases.push_back(heart_at(shape, t == 0 ? 0 : contraction_at(fraction, es)));
  }

  const HeartPhase& ed = drawn.phases[0];
  draw_pictures(scan, std::min(0.0, shape.rv_base_mm), ed.z_apex_mm(), options, generator);
  scan.world_from_heart = draw_world_from_heart(generator);
  draw_grid(scan, options, generator);
  scan.room = room_for(shape, ed, generator);
  return drawn;
}

PicturePlane plane_at(const Scan& scan, double z_mm, const std::array<double, 2>& shift_mm) {
  PicturePlane plane = scan.picture;
  plane.z_mm = z_mm;
  for (size_t axis = 0; axis < 2; ++axis) plane.origin_mm[axis] += shift_mm[axis];
  return plane;
}

torch::Tensor gain_of(const Scan& scan, const Thorax& thorax,
                      const std::vector<PicturePlane>& planes) {
  std::vector<torch::Tensor> shading(planes.size());
  at::parallel_for(0, static_cast<int64_t>(planes.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k)
      shading[static_cast<size_t>(k)] = thorax.shading(planes[static_cast<size_t>(k)]);
  });
  return torch::stack(shading) * scan.scanner_units;
}

torch::Tensor labels_of(const Subject& subject, int64_t phase_index,
                        const std::vector<PicturePlane>& planes) {
  std::vector<torch::Tensor> labels(planes.size());
  at::parallel_for(0, static_cast<int64_t>(planes.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      labels[static_cast<size_t>(k)] = subject.labels(phase_index, planes[static_cast<size_t>(k)]);
    }
  });
  return torch::stack(labels);
}

}  // namespace dmcvr
