// SPDX-License-Identifier: Apache-2.0
// A beating heart of formulas, with volumes in closed form.
//
// The heart frame has its z axis on the long axis of the left ventricle (LV): 0 at the mitral plane
// in end-diastole (ED), growing toward the apex. x points right and y down in a short-axis picture.
// All lengths are in mm, angles in radians from +x toward +y.
//
// Outlines of endocardium and epicardium are r(theta, z) = a s(z) m(theta) with an ellipsoid's
// profile s(z) = sqrt(1 - ((z - z_c) / b)^2), cut off at the mitral plane, and a slightly uneven
// outline m = 1 + sum_k e_k cos(k theta - p_k). The area inside is pi a^2 s^2 (1 + 1/2 sum_k
// e_k^2), so the volume is closed even with torsion (p_k moves with z) and a leaning axis (the
// center moves with z). The cavity of the right ventricle (RV) lies between the epicardium and
// r_epi + g w(theta, z), a crescent whose volume is a quadratic in g, whatever w is.
#pragma once

#include <array>
#include <cstdint>

namespace dmcvr {

constexpr int64_t kHarmonics = 4;

// m(theta) = 1 + sum_k amplitude_k cos(k theta - angle_k), k = 1 … kHarmonics.
struct Outline {
  std::array<double, kHarmonics> amplitude = {};
  std::array<double, kHarmonics> angle = {};

  double operator()(double theta) const;
  double area_factor() const;  // mean of m^2
};

struct PapillaryMuscle {
  double angle = 0;
  double distance = 0.6;  // from the axis, as a fraction of the endocardial radius
  double radius_mm = 4;
  double begin = 0.3;  // along the cavity, 0 at the mitral plane, 1 at the apex
  double end = 0.75;
};

// Everything that makes one heart differ from another.
struct HeartShape {
  // Left ventricle in ED.
  double lv_ml = 140;
  double length_mm = 90;    // of the cavity, from the mitral plane to the apex
  double truncation = 0.4;  // mitral plane to widest plane, as a fraction of b
  double wall_mm = 9;       // at the widest plane
  double apex_wall_mm = 6;
  Outline endocardium;
  Outline epicardium;
  std::array<PapillaryMuscle, 2> papillary;

  // Right ventricle in ED.
  double rv_ml = 150;
  double rv_wall_mm = 3;
  double rv_angle = 3.1;        // where its middle lies
  double rv_half_width = 1.35;  // between middle and insertion, in the widest plane
  // Exponents of the crescent toward its front and its back: below 1 blunt, above 1 pointed.
  double rv_front_corner = 0.8, rv_back_corner = 0.8;
  double rv_margin = 0;    // 0 to 0.5: how far its belly lies toward the back
  double rv_turn = 0;      // radians from base to apex, toward the back
  double rv_base_mm = 0;   // tricuspid plane minus mitral plane
  double rv_length = 0.8;  // as a fraction of length_mm

  // Position and surroundings.
  std::array<double, 2> lean = {0, 0};  // mm of in-plane shift of the axis per mm of z
  double fat_mm = 4;
  Outline fat;  // its m times fat_mm, where positive, is the thickness

  // Motion. Volumes fall by these fractions from ED to end-systole (ES).
  double ejection_fraction = 0.6;
  double rv_ejection_fraction = 0.55;
  double descent_mm = 12;  // of the mitral plane; the apex rests
  double torsion = 0.2;    // radians of the apex against the base
  std::array<double, 2> sway_mm = {0, 0};
};

// The heart at one moment.
struct HeartPhase {
  double contraction = 0;  // 0 in ED, 1 in ES
  double z_base_mm = 0;    // mitral plane
  double z_rv_base_mm = 0;
  double z_center_mm = 0;  // widest plane of both ellipsoids
  double endo_a_mm = 0, endo_b_mm = 0;
  double epi_a_mm = 0, epi_b_mm = 0;
  double rv_gap_mm = 0;  // g
  Outline endocardium;   // more uneven in mm than in ED, as the wall is thicker
  double lv_ml = 0;      // cavity
  double lvm_ml = 0;     // myocardium; the same in all phases
  double rv_ml = 0;      // cavity

  double z_apex_mm() const { return z_center_mm + epi_b_mm; }
};

HeartPhase heart_at(const HeartShape& shape, double contraction);

// Contraction at `fraction` of the cycle, 0 to 1; 1 is reached at es_fraction only: ejection, fast
// filling, rest, and the atrial kick.
double contraction_at(double fraction, double es_fraction);

// Millilitres inside a truncated ellipsoid: a across, b along, cut `cut_mm` before its center.
double truncated_ellipsoid_ml(double a_mm, double b_mm, double cut_mm);

// One plane across the heart, tabulated over the angle.
struct CrossSection {
  static constexpr int64_t kAngles = 512;
  using Table = std::array<float, kAngles + 1>;

  bool has_lv = false;
  bool has_rv = false;
  double x_mm = 0, y_mm = 0;  // where the axis crosses the plane
  Table endo{}, epi{},
      rv{};  // radii; rv is the outer edge of the RV cavity, epi where there is none

  // Of kLvc, kLvm, kRvc, 0.
  uint8_t label_at(double x_mm, double y_mm) const;
};

CrossSection cross_section(const HeartShape& shape, const HeartPhase& phase, double z_mm);

// Angle of (dx, dy) as a position in a table, 0 to kAngles.
float table_position(float dx, float dy);
// Linear between entries.
float look_up(const CrossSection::Table& table, float position);

}  // namespace dmcvr
