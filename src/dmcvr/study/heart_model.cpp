// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_model.h"

#include "dmcvr/core/label_table.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kMostUneven = 0.6;  // sum of the amplitudes of an outline that grows

double ellipsoid_profile(double z_mm, double z_center_mm, double b_mm) {
  const double s = (z_mm - z_center_mm) / b_mm;
  return std::sqrt(std::max(0.0, 1 - s * s));
}

// Length of the RV along z, and where along it the plane lies: 1 in the widest plane, 0 at the
// ends.
double rv_profile(const HeartShape& shape, const HeartPhase& phase, double z_mm) {
  const double apex_mm = shape.rv_length * shape.length_mm;
  const double widest_mm = phase.z_rv_base_mm + 0.25 * (apex_mm - phase.z_rv_base_mm);
  return z_mm < phase.z_rv_base_mm ? 0 : ellipsoid_profile(z_mm, widest_mm, apex_mm - widest_mm);
}

// w(theta, z): 0 outside the crescent.
double rv_window(const HeartShape& shape, double profile, double z_mm, double theta) {
  const double half_width = shape.rv_half_width * (0.7 + 0.3 * profile);
  const double middle = shape.rv_angle - shape.rv_turn * (z_mm / shape.length_mm - 0.3);
  const double at = std::remainder(theta - middle, 2 * kPi) / half_width;  // 1 at the front end
  if (std::abs(at) >= 1) return 0;
  const double corner = at > 0 ? shape.rv_front_corner : shape.rv_back_corner;
  return profile * std::pow(std::cos(kPi / 2 * at), corner) *
         (1 - shape.rv_margin * std::sin(kPi * at));
}

double twist(const HeartShape& shape, const HeartPhase& phase, double z_mm) {
  return shape.torsion * phase.contraction * z_mm / shape.length_mm;
}

double epi_radius(const HeartShape& shape, const HeartPhase& phase, double z_mm, double theta) {
  return phase.epi_a_mm * ellipsoid_profile(z_mm, phase.z_center_mm, phase.epi_b_mm) *
         shape.epicardium(theta - twist(shape, phase, z_mm));
}

// V(g) = linear g + quadratic g^2, in ml.
struct RvVolume {
  double linear = 0;
  double quadratic = 0;

  double gap_mm(double ml) const {
    return (std::sqrt(linear * linear + 4 * quadratic * ml) - linear) / (2 * quadratic);
  }
};

// Midpoint rule: the outlines are smooth and periodic in theta, and the ends in z count little.
RvVolume rv_volume(const HeartShape& shape, const HeartPhase& phase) {
  constexpr int kPlanes = 400, kRays = 180;
  const double end_mm = shape.rv_length * shape.length_mm;
  const double step_mm = (end_mm - phase.z_rv_base_mm) / kPlanes;
  RvVolume volume;
  for (int plane = 0; plane < kPlanes; ++plane) {
    const double z_mm = phase.z_rv_base_mm + (plane + 0.5) * step_mm;
    const double profile = rv_profile(shape, phase, z_mm);
    for (int ray = 0; ray < kRays; ++ray) {
      const double theta = shape.rv_angle + 2 * kPi * (ray + 0.5) / kRays;
      const double w = rv_window(shape, profile, z_mm, theta);
      if (w == 0) continue;
      volume.linear += epi_radius(shape, phase, z_mm, theta) * w;
      volume.quadratic += w * w / 2;
    }
  }
  const double cell_ml = step_mm * 2 * kPi / kRays / 1000;
  volume.linear *= cell_ml;
  volume.quadratic *= cell_ml;
  return volume;
}

// The radius a that gives a volume.
double radius_for(double ml, double area_factor, double b_mm, double cut_mm) {
  return std::sqrt(ml / (area_factor * truncated_ellipsoid_ml(1, b_mm, cut_mm)));
}

double smooth_step(double x) {
  const double s = std::clamp(x, 0.0, 1.0);
  return s * s * (3 - 2 * s);
}

}  // namespace

double Outline::operator()(double theta) const {
  double m = 1;
  for (int64_t k = 0; k < kHarmonics; ++k) m += amplitude[k] * std::cos((k + 1) * theta - angle[k]);
  return m;
}

double Outline::area_factor() const {
  double factor = 1;
  for (const double e : amplitude) factor += e * e / 2;
  return factor;
}

double truncated_ellipsoid_ml(double a_mm, double b_mm, double cut_mm) {
  // Integral of pi a^2 (1 - s^2 / b^2) for s from -cut to b.
  const double cut = cut_mm / b_mm;
  return kPi * a_mm * a_mm * b_mm * (2.0 / 3 + cut - cut * cut * cut / 3) / 1000;
}

HeartPhase heart_at(const HeartShape& shape, double contraction) {
  // ED: the cavity's ellipsoid follows from its volume, the wall is added.
  const double b_mm = shape.length_mm / (1 + shape.truncation);
  const double center_mm = shape.truncation * b_mm;
  const double a_mm = radius_for(shape.lv_ml, shape.endocardium.area_factor(), b_mm, center_mm);
  const double epi_b_mm = b_mm + shape.apex_wall_mm;
  const double epi_ed_ml = shape.epicardium.area_factor() *
                           truncated_ellipsoid_ml(a_mm + shape.wall_mm, epi_b_mm, center_mm);

  // Base and apex approach each other, the cavity's volume follows the ejection fraction, and
  // muscle keeps its volume; the radii follow.
  HeartPhase phase;
  phase.contraction = contraction;
  phase.z_base_mm = shape.descent_mm * contraction;
  phase.z_rv_base_mm = shape.rv_base_mm + 1.2 * phase.z_base_mm;
  phase.z_center_mm = center_mm;
  phase.epi_b_mm = epi_b_mm;
  phase.endo_b_mm =
      epi_b_mm - shape.apex_wall_mm * (1 + 0.8 * shape.ejection_fraction * contraction);
  phase.lv_ml = shape.lv_ml * (1 - shape.ejection_fraction * contraction);
  phase.lvm_ml = epi_ed_ml - shape.lv_ml;
  const double cut_mm = center_mm - phase.z_base_mm;
  // The wall thickens by a share of itself: what is uneven in mm grows while the radius shrinks.
  phase.endocardium = shape.endocardium;
  const double shrunk_mm =
      radius_for(phase.lv_ml, shape.endocardium.area_factor(), phase.endo_b_mm, cut_mm);
  double unevenness = 1e-9;  // a radius stays positive while this is below 1
  for (const double amplitude : shape.endocardium.amplitude) unevenness += std::abs(amplitude);
  const double growth =
      std::max(1.0, std::min(std::pow(a_mm / shrunk_mm, 1.5), kMostUneven / unevenness));
  for (auto& amplitude : phase.endocardium.amplitude) amplitude *= growth;
  phase.endo_a_mm =
      radius_for(phase.lv_ml, phase.endocardium.area_factor(), phase.endo_b_mm, cut_mm);
  phase.epi_a_mm =
      radius_for(phase.lv_ml + phase.lvm_ml, shape.epicardium.area_factor(), epi_b_mm, cut_mm);

  phase.rv_ml = shape.rv_ml * (1 - shape.rv_ejection_fraction * contraction);
  phase.rv_gap_mm = rv_volume(shape, phase).gap_mm(phase.rv_ml);
  return phase;
}

double contraction_at(double fraction, double es_fraction) {
  if (fraction <= es_fraction) return 0.5 * (1 - std::cos(kPi * fraction / es_fraction));
  const double diastole = (fraction - es_fraction) / (1 - es_fraction);
  return 1 - 0.7 * smooth_step(diastole / 0.45) - 0.1 * diastole -
         0.2 * smooth_step((diastole - 0.75) / 0.25);
}

CrossSection cross_section(const HeartShape& shape, const HeartPhase& phase, double z_mm) {
  CrossSection section;
  section.has_lv = z_mm >= phase.z_base_mm && z_mm < phase.z_apex_mm();
  const double profile = rv_profile(shape, phase, z_mm);
  section.has_rv = profile > 0;
  section.x_mm = shape.lean[0] * z_mm + shape.sway_mm[0] * phase.contraction;
  section.y_mm = shape.lean[1] * z_mm + shape.sway_mm[1] * phase.contraction;

  const double endo_mm =
      phase.endo_a_mm * ellipsoid_profile(z_mm, phase.z_center_mm, phase.endo_b_mm);
  for (int64_t i = 0; i <= CrossSection::kAngles; ++i) {
    const double theta = 2 * kPi * i / CrossSection::kAngles;
    const double epi_mm = epi_radius(shape, phase, z_mm, theta);
    const double gap_mm =
        section.has_rv ? phase.rv_gap_mm * rv_window(shape, profile, z_mm, theta) : 0;
    section.endo[i] = static_cast<float>(
        endo_mm == 0 ? 0 : endo_mm * phase.endocardium(theta - twist(shape, phase, z_mm)));
    section.epi[i] = static_cast<float>(epi_mm);
    section.rv[i] = static_cast<float>(epi_mm + gap_mm);
  }
  return section;
}

float table_position(float dx, float dy) {
  constexpr float kPerRadian = static_cast<float>(CrossSection::kAngles / (2 * kPi));
  const float position = std::atan2(dy, dx) * kPerRadian;
  return position < 0 ? position + CrossSection::kAngles : position;
}

float look_up(const CrossSection::Table& table, float position) {
  const auto i = std::min<int64_t>(static_cast<int64_t>(position), CrossSection::kAngles - 1);
  const float fraction = position - static_cast<float>(i);
  return table[i] + fraction * (table[i + 1] - table[i]);
}

uint8_t CrossSection::label_at(double at_x_mm, double at_y_mm) const {
  const auto dx = static_cast<float>(at_x_mm - x_mm);
  const auto dy = static_cast<float>(at_y_mm - y_mm);
  const float r = std::sqrt(dx * dx + dy * dy);
  const float position = table_position(dx, dy);
  const float epi_mm = look_up(epi, position);
  if (r < epi_mm) {
    if (!has_lv) return 0;
    return static_cast<uint8_t>(r < look_up(endo, position) ? kLvc : kLvm);
  }
  return static_cast<uint8_t>(has_rv && r < look_up(rv, position) ? kRvc : 0);
}

}  // namespace dmcvr
