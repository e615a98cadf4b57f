// SPDX-License-Identifier: Apache-2.0
// Volumes, ejection fractions and walls span the medians and spreads of the five groups of the ACDC
// training patients (Bernard et al., IEEE TMI 2018).
#include "dmcvr/study/heart_variety.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kStraightAngle = 3.14159265358979323846;

struct Range {
  double low, high;
  double at(double share) const { return low + share * (high - low); }
};

// What sets the groups apart, each drawn evenly. The walls are those of ED at the widest plane.
struct Group {
  Range lv_ml, ejection_fraction, wall_mm;
  Range rv_share;  // volume of the RV as a share of the LV's
  Range rv_ejection_fraction;
  Range septal_bulge;     // added thickness of the septum, as a share of the wall
  Range septal_flatness;  // amplitude of the outline's second harmonic
};

const Group& group_of(Pathology pathology) {
  static const Group normal = {{85, 190},    {0.5, 0.75}, {6.6, 10.8}, {0.75, 1.25},
                               {0.42, 0.72}, {0, 0.3},    {0, 0.03}};
  static const Group dilated = {{180, 340},  {0.15, 0.4}, {5.7, 9.8}, {0.35, 0.85},
                                {0.12, 0.5}, {0, 0.25},   {0, 0.03}};
  static const Group hypertrophic = {{75, 165},   {0.55, 0.75}, {11, 16.5}, {0.7, 1.15},
                                     {0.5, 0.72}, {0, 0.4},     {0, 0.03}};
  static const Group rv_overload = {{70, 150},   {0.4, 0.65}, {6, 10},     {1.3, 2.3},
                                    {0.15, 0.5}, {0, 0.2},    {0.05, 0.13}};
  switch (pathology) {
    case Pathology::dilated:
      return dilated;
    case Pathology::hypertrophic:
      return hypertrophic;
    case Pathology::rv_overload:
      return rv_overload;
    default:
      return normal;
  }
}

}  // namespace

Pathology pathology_of(uint64_t seed, const HeartWishes& wishes) {
  if (wishes.pathology != Pathology::drawn) return wishes.pathology;
  auto generator = make_generator(seed, "pathology");
  const double share = uniform(generator);
  // A wished ejection fraction leaves the groups that have it; below 15 % only one comes near.
  const double wished = wishes.ejection_fraction;
  std::array<Pathology, 4> groups{};
  size_t count = 0;
  for (const auto group :
       {Pathology::normal, Pathology::dilated, Pathology::hypertrophic, Pathology::rv_overload}) {
    const Range& range = group_of(group).ejection_fraction;
    if (wished < 0 || (wished >= range.low && wished <= range.high)) groups[count++] = group;
  }
  if (count == 0) return wished < 0.5 ? Pathology::dilated : Pathology::normal;
  return groups[std::min(count - 1, static_cast<size_t>(share * static_cast<double>(count)))];
}

HeartShape draw_heart(uint64_t seed, const HeartWishes& wishes) {
  const Group& group = group_of(pathology_of(seed, wishes));
  auto generator = make_generator(seed, "heart");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  const auto draw_in = [&](const Range& range) { return range.at(uniform(generator)); };
  HeartShape shape;

  // Large cavities eject little: both follow one draw, loosely.
  const double vigor = uniform(generator);
  const double drawn_fraction = group.ejection_fraction.at(vigor);
  shape.ejection_fraction =
      wishes.ejection_fraction < 0 ? drawn_fraction : wishes.ejection_fraction;
  const double drawn_ml = group.lv_ml.at(0.7 * uniform(generator) + 0.3 * (1 - vigor));
  shape.lv_ml = wishes.lv_ml < 0 ? drawn_ml : wishes.lv_ml;
  shape.length_mm = 84 * std::cbrt(shape.lv_ml / 130) * draw(0.93, 1.08);
  shape.truncation = draw(0.3, 0.5);
  shape.wall_mm = draw_in(group.wall_mm);
  shape.apex_wall_mm = shape.wall_mm * draw(0.55, 0.8);
  shape.rv_angle = kStraightAngle + draw(-0.55, 0.45);

  // Outlines: a flattened septum, and a wall that differs around the ring.
  const std::array<double, kHarmonics> unevenness = {0, 0.05, 0.025, 0.018};
  for (int64_t k = 0; k < kHarmonics; ++k) {
    shape.epicardium.amplitude[k] = unevenness[k] * draw(0, 1);
    shape.epicardium.angle[k] = draw(0, 2 * kStraightAngle);
  }
  const double flatness = draw_in(group.septal_flatness);
  if (flatness > 0.03) {
    shape.epicardium.amplitude[1] = flatness;
    shape.epicardium.angle[1] = 2 * shape.rv_angle + kStraightAngle;
  }
  shape.endocardium = shape.epicardium;
  const double wall_share = shape.wall_mm / (3.4 * std::cbrt(shape.lv_ml));  // of the radius
  const double bulge = draw_in(group.septal_bulge);
  shape.endocardium.amplitude[0] = (0.05 + bulge) * wall_share;
  shape.endocardium.angle[0] = shape.rv_angle + kStraightAngle + draw(-0.9, 0.9);
  for (int64_t k = 2; k < kHarmonics; ++k)
    shape.endocardium.amplitude[k] += draw(0.02, 0.1) * wall_share;

  // Right ventricle, to the left and a little up or down in the picture.
  shape.rv_ml = std::max(55.0, shape.lv_ml * draw_in(group.rv_share));
  shape.rv_wall_mm = draw(1.4, 3);
  shape.rv_half_width = draw(1.12, 1.4);
  shape.rv_front_corner = draw(0.55, 0.95);
  shape.rv_back_corner = draw(0.75, 1.15);
  shape.rv_margin = draw(0.15, 0.45);
  shape.rv_turn = draw(0, 0.45);
  shape.rv_base_mm = draw(-6, 4);
  shape.rv_length = draw(0.8, 0.96);
  shape.rv_ejection_fraction = draw_in(group.rv_ejection_fraction);

  // Papillary muscles stand on the side away from the septum.
  for (int64_t i = 0; i < 2; ++i) {
    auto& muscle = shape.papillary[i];
    muscle.angle = shape.rv_angle + kStraightAngle + (i == 0 ? 1 : -1) * draw(0.65, 1.15);
    muscle.distance = draw(0.6, 0.74);
    muscle.radius_mm = draw(3.4, 6);
    muscle.begin = draw(0.2, 0.35);
    muscle.end = draw(0.7, 0.9);
  }

  // Surroundings and motion.
  shape.lean = {normal(generator, 0, 0.08), normal(generator, 0, 0.08)};
  shape.fat_mm = draw(0.5, 4.5);
  for (int64_t k = 0; k < kHarmonics; ++k) {
    shape.fat.amplitude[k] = draw(0.1, 0.9);
    shape.fat.angle[k] = draw(0, 2 * kStraightAngle);
  }
  shape.descent_mm = shape.length_mm * 0.25 * shape.ejection_fraction * draw(0.75, 1.05);
  shape.torsion = draw(0.1, 0.3);
  shape.sway_mm = {normal(generator, 0, 1.2), normal(generator, 0, 1.2)};
  return shape;
}

}  // namespace dmcvr
