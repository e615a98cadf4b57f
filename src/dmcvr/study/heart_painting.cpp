// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_painting.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {



float over(float below, float above, float share) { return below + share * (above - below); }

// Everything about one plane of one phase that the pixels share.
struct Sheet {
  CrossSection section;
  CrossSection::Table endo{};   // with trabeculae, which the labels ignore
  CrossSection::Table rv{};
  CrossSection::Table wall{};   // outer edge of the RV's free wall
  CrossSection::Table fat{};    // outer edge of the fat
  double largest_mm = 0;
};

}  // namespace

HeartPainter::HeartPainter(uint64_t seed, const HeartShape& shape, const Contrast& contrast)
    : shape_(shape), contrast_(contrast), texture_(seed, "heart texture") {
  auto generator = make_generator(seed, "heart painting");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  lv_blood_ = contrast.blood * static_cast<float>(draw(0.95, 1.05));
  rv_blood_ = contrast.blood * static_cast<float>(draw(0.82, 1));
  fat_ = contrast.fat * static_cast<float>(draw(0.75, 1.05));
  for (auto& angle : trabecula_angle_) angle = draw(0, 2 * kPi);

  // Left atrium under the mitral valve, right atrium beside it, aorta between them and above, and the
  // pulmonary trunk in front.
  const HeartPhase ed = heart_at(shape, 0);
  const double a = ed.epi_a_mm, toward_rv = shape.rv_angle;
  const auto place = [&](double angle, double distance, double radius, double reach, double filling, float blood) {
    return Chamber{distance * std::cos(angle), distance * std::sin(angle), radius, reach, filling, blood};
  };
  chambers_[0] = place(toward_rv + kPi * draw(0.8, 1), 0.25 * a, draw(20, 27), draw(45, 60), 0.2, lv_blood_ * 0.92f);
  chambers_[1] = place(toward_rv - draw(0.15, 0.5), a + 0.5 * ed.rv_gap_mm, draw(20, 27), draw(40, 60), 0.15,
                       rv_blood_ * 0.95f);
  chambers_[2] = place(toward_rv + draw(0.5, 0.8), 0.72 * a, draw(12, 15), draw(50, 80), -0.05, lv_blood_);
  chambers_[3] = place(toward_rv + draw(0.9, 1.2), a + 0.35 * ed.rv_gap_mm, draw(11, 15), draw(40, 70), -0.05,
                       rv_blood_);
}

void HeartPainter::paint(const HeartPhase& phase, const PicturePlane& plane, torch::Tensor& picture) const {
  const double z_mm = plane.z_mm, soft_mm = 1.2 * plane.spacing_mm;
  const double above_base_mm = phase.z_base_mm - z_mm;
  const double below_apex_mm = z_mm - phase.z_apex_mm();
  if (above_base_mm > 80 || below_apex_mm > 14) return;

  // Edges over the angle. Trabeculae reach into both cavities; the fat closes over the apex and thins out
  // over the atria.
  Sheet sheet;
  sheet.section = cross_section(shape_, phase, std::max(z_mm, phase.z_base_mm - 20));
  const auto& section = sheet.section;
  const double fade = below_apex_mm > 0 ? 1 - below_apex_mm / 14 : std::max(0.0, 1 - above_base_mm / 120);
  for (int64_t i = 0; i <= CrossSection::kAngles; ++i) {
    const double theta = 2 * kPi * i / CrossSection::kAngles;
    double rough = 0;
    for (int64_t k = 0; k < 3; ++k) {
      rough += std::max(0.0, std::cos((7 + 4 * k) * theta - trabecula_angle_[k] - z_mm / (6 + 3 * k)));
    }
    const double share = std::clamp((z_mm - phase.z_base_mm) / shape_.length_mm, 0.0, 1.0);
    const double gap = section.rv[i] - section.epi[i];
    const double rv_rough = std::min(0.12 * gap, 1.1 * rough);
    sheet.endo[i] = section.endo[i] * static_cast<float>(1 - (0.01 + 0.045 * share) * rough);
    sheet.rv[i] = section.rv[i] - static_cast<float>(rv_rough);
    sheet.wall[i] = section.rv[i] + static_cast<float>(shape_.rv_wall_mm * std::min(1.0, gap / 3));
    const double fat = std::max(0.6, shape_.fat_mm * shape_.fat(theta)) * fade;
    const double closing = below_apex_mm > 0 ? shape_.fat_mm * fade : 0;
    sheet.fat[i] = sheet.wall[i] * static_cast<float>(std::min(1.0, fade + 0.2)) + static_cast<float>(fat + closing);
    sheet.largest_mm = std::max(sheet.largest_mm, static_cast<double>(sheet.fat[i]));
  }

  // Circles of this plane: papillary muscles inside the cavity, chambers above the base.
  struct Circle {
    double x, y, radius;
    float brightness;
    bool has_wall;
  };
  std::vector<Circle> circles;
  const double along = (z_mm - phase.z_base_mm) / (phase.z_apex_mm() - phase.z_base_mm);
  for (const auto& muscle : shape_.papillary) {
    if (!section.has_lv || along < muscle.begin || along > muscle.end) continue;
    const double angle = muscle.angle + shape_.torsion * phase.contraction * along;
    const double endo = look_up(section.endo, table_position(static_cast<float>(std::cos(angle)),
                                                             static_cast<float>(std::sin(angle))));
    const double taper = std::sqrt(std::min(1.0, 4 * (along - muscle.begin) / (muscle.end - muscle.begin) + 0.1));
    const double radius = std::min(muscle.radius_mm, 0.35 * endo) * taper;
    const double distance = std::max(0.0, muscle.distance * endo);
    circles.push_back({distance * std::cos(angle), distance * std::sin(angle), radius,
                       contrast_.muscle * 1.15f, false});
  }
  double chamber_mm = 0;
  for (const auto& chamber : chambers_) {
    // Rounded at its far end; at the base it meets the ventricles.
    if (above_base_mm < -2 || above_base_mm > chamber.reach_mm) continue;
    const double far = std::max(0.0, above_base_mm) / chamber.reach_mm;
    const double radius = chamber.radius_mm * (1 + chamber.filling * phase.contraction) * std::sqrt(1 - far * far);
    if (above_base_mm >= 0) circles.push_back({chamber.x, chamber.y, radius, chamber.brightness, true});
    chamber_mm = std::max(chamber_mm, std::hypot(chamber.x, chamber.y) + radius + 4);
  }

  auto* pixels = picture.data_ptr<float>();
  const auto w = window_around(section.x_mm, section.y_mm, std::max(sheet.largest_mm, chamber_mm), plane);
  const bool has_body = fade > 0 && sheet.largest_mm > 0;
  for (int64_t j = w.first_row; j <= w.last_row; ++j) {
    for (int64_t i = w.first_column; i <= w.last_column; ++i) {
      const auto p = plane.at(i, j);
      const auto dx = static_cast<float>(p[0] - section.x_mm), dy = static_cast<float>(p[1] - section.y_mm);
      const float r = std::sqrt(dx * dx + dy * dy);
      const float position = table_position(dx, dy);
      float& pixel = pixels[j * plane.columns + i];
      float value = pixel;

      // From outside to inside: fat, wall of the RV, its cavity, muscle of the LV, its cavity.
      if (has_body) value = over(value, fat_, cover(look_up(sheet.fat, position) - r, soft_mm));
      if (section.has_rv) {
        value = over(value, contrast_.muscle, cover(look_up(sheet.wall, position) - r, soft_mm));
        value = over(value, rv_blood_, cover(look_up(sheet.rv, position) - r, soft_mm));
      }
      if (section.has_lv) {
        const float epi = look_up(section.epi, position);
        value = over(value, contrast_.muscle, cover(epi - r, soft_mm) * std::min(1.0f, epi / 2));
        const float endo = look_up(sheet.endo, position);
        value = over(value, lv_blood_, cover(endo - r, soft_mm) * std::min(1.0f, endo / 2));
      }
      for (const auto& circle : circles) {
        const double inside = circle.radius - std::hypot(dx - circle.x, dy - circle.y);
        if (circle.has_wall) value = over(value, contrast_.muscle, cover(inside + 2, soft_mm));
        value = over(value, circle.brightness, cover(inside, soft_mm));
      }
      if (value != pixel) {
        const auto z = static_cast<float>(z_mm);
        value *= 1 + 0.05f * texture_(dx / 8, dy / 8, z / 9) + 0.05f * texture_(dx / 2.8f, dy / 2.8f, z / 4);
      }
      pixel = value;
    }
  }
}

torch::Tensor paint_labels(const HeartShape& shape, const HeartPhase& phase, const PicturePlane& plane) {
  auto labels = torch::zeros({plane.rows, plane.columns}, torch::kUInt8);
  if (plane.z_mm < std::min(phase.z_base_mm, phase.z_rv_base_mm) || plane.z_mm > phase.z_apex_mm()) return labels;
  const CrossSection section = cross_section(shape, phase, plane.z_mm);
  const double radius = *std::max_element(section.rv.begin(), section.rv.end());
  const auto w = window_around(section.x_mm, section.y_mm, radius, plane);
  auto* pixels = labels.data_ptr<uint8_t>();
  for (int64_t j = w.first_row; j <= w.last_row; ++j) {
    for (int64_t i = w.first_column; i <= w.last_column; ++i) {
      const auto p = plane.at(i, j);
      pixels[j * plane.columns + i] = section.label_at(p[0], p[1]);
    }
  }
  return labels;
}

}  // namespace dmcvr
