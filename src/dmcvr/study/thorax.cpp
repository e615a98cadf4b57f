// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/thorax.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kTurn = 6.28318530717958647692;
constexpr double kFarMm = 1000;

float blend(float below, float above, float share) {
  return below + share * (above - below);
}

}  // namespace

Thorax::Thorax(uint64_t seed, const ThoraxShape& shape, const Contrast& contrast)
    : shape_(shape), contrast_(contrast), texture_(seed, "thorax texture") {
  auto generator = make_generator(seed, "thorax");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };

  // The body is an oval that stands upright; its left wall lies close to the heart.
  fat_mm_ = draw(7, 32);
  wall_mm_ = draw(10, 23);
  const double inner_width = draw(84, 106);
  half_width_ = inner_width + wall_mm_ + fat_mm_;
  half_height_ = half_width_ * draw(1.2, 1.5);
  center_x_ = -shape.left_mm + inner_width;
  center_y_ = draw(-15, 35);
  exponent_ = draw(2.1, 2.7);
  tilt_ = draw(-0.2, 0.1);
  for (auto& wave : fat_wave_) wave = draw(-1, 1);
  fat_under_skin_ = contrast.fat * static_cast<float>(draw(0.85, 1.05));
  mottle_ = static_cast<float>(draw(0.06, 0.13));

  // Diaphragm and ribs.
  dome_x_ = draw(-40, 20);
  dome_mm_ = draw(8, 26);
  rib_phase_ = draw(0, 60);
  rib_pitch_ = draw(30, 44);
  rib_slope_ = draw(-0.5, 0.5);

  // The coil lies on the chest, to the upper left in the picture.
  const double coil_angle = kTurn / 2 + draw(-0.4, 1.1);
  coil_ = {center_x_ + 1.05 * half_width_ * std::cos(coil_angle),
           center_y_ + 1.05 * half_height_ * std::sin(coil_angle)};
  coil_z_mm_ = draw(30, 110);  // the apex lies nearer to the front than the base
  coil_reach_mm_ = draw(190, 340);

  corner_mm_ = draw(8, 22);
  const ChestRoom room{center_x_, half_width_, shape.diaphragm_mm};
  auto organs = make_generator(seed, "organs");
  abdomen_ = draw_abdomen(room, contrast, organs);
  mediastinum_ = draw_mediastinum(room, contrast, organs);
  lung_vessels_ = draw_lung_vessels(room, organs);
}

float Thorax::wall_at(double depth_mm, double fat_mm, double along_mm, double z_mm,
                      double soft_mm) const {
  const auto along = static_cast<float>(along_mm), depth = static_cast<float>(depth_mm);
  // Skin is darker than the fat below it, which thin sheets divide.
  const float septum = std::abs(texture_(along / 17, depth / 5, static_cast<float>(z_mm / 25)));
  const float fat = fat_under_skin_ * (septum < 0.07f ? 0.6f + 5.7f * septum : 1);
  float value = blend(contrast_.muscle * 1.2f, fat, cover(depth_mm - 1.5, soft_mm));
  // Muscles of the chest, with sheets of fat between them.
  const float sheet = texture_(along / 31, depth / 2.4f, 9);
  const float muscle = sheet > 1.0f ? 0.5f * contrast_.fat : contrast_.muscle * (1 + 0.2f * sheet);
  value = blend(value, muscle, cover(depth_mm - fat_mm, 1.5 * soft_mm));
  // Ribs: marrow in a dark shell, each a little different from the next.
  const double uneven_mm = along_mm + 6 * texture_(along / 45, 3, 3);
  const double from_rib = std::remainder(uneven_mm, rib_pitch_);
  const auto number = static_cast<float>(std::round((uneven_mm - from_rib) / rib_pitch_));
  const float size = 0.65f + 0.5f * texture_(0.7f * number, 5, 5),
              marrow = 0.38f + 0.15f * texture_(5, number, 5);
  const double across = (depth_mm - fat_mm - 0.68 * wall_mm_) / 4.5;
  const double rib = size - std::hypot(from_rib / 9, across);
  value = blend(value, 0.05f, cover(3 * rib + 1, 2 * soft_mm));
  return blend(value, std::clamp(marrow, 0.15f, 0.8f) * contrast_.fat, cover(3 * rib, 2 * soft_mm));
}

Thorax::Layers Thorax::layers_at(double x_mm, double y_mm, double z_mm, double soft_mm) const {
  // Depth below the skin: the oval's level set, in mm of its narrower side.
  const double half_width = half_width_ + tilt_ * z_mm;
  const double nearer = x_mm < center_x_ ? shape_.left_slope * std::clamp(z_mm, -30.0, 110.0) : 0;
  const double x = (x_mm - center_x_) * half_width / (half_width - nearer), y = y_mm - center_y_;
  const double u = std::abs(x) / half_width, v = std::abs(y) / half_height_;
  const double level = std::pow(std::pow(u, exponent_) + std::pow(v, exponent_), 1 / exponent_);
  const double angle = std::atan2(y, x);
  const double bulge_mm = 4 * fat_wave_[0] * std::cos(3 * angle) +
                          3 * fat_wave_[1] * std::sin(4 * angle) +
                          3 * fat_wave_[6] * std::cos(5 * angle + 0.02 * z_mm);
  const double depth_mm = (1 - level) * half_width + bulge_mm;
  const float in_body = cover(depth_mm, soft_mm);
  if (in_body == 0) return {contrast_.air, 0, 0, 0};

  // Fat under the skin, thicker in places, then the wall; deep inside neither is seen.
  const double fat_mm = fat_mm_ * (1 + 0.35 * fat_wave_[2] * std::cos(angle) +
                                   0.3 * fat_wave_[3] * std::sin(2 * angle) +
                                   0.2 * fat_wave_[4] * std::cos(3 * angle + 0.03 * z_mm));
  const float in_cavity = cover(depth_mm - fat_mm - wall_mm_, soft_mm);
  const double along_mm = half_width * angle + rib_slope_ * z_mm + rib_phase_;
  float value = in_cavity == 1 ? 0 : wall_at(depth_mm, fat_mm, along_mm, z_mm, soft_mm);

  // Lungs above the diaphragm, fat below it; the diaphragm itself is a thin sheet of muscle.
  const double from_dome = (x_mm - dome_x_) / 90;
  const double waves_mm = 2.5 * fat_wave_[5] * std::sin(x_mm / 17 + z_mm / 25) +
                          2 * fat_wave_[7] * std::sin(x_mm / 9 - z_mm / 30);
  const double below_mm = y_mm - (shape_.diaphragm_mm - shape_.diaphragm_slope * z_mm +
                                  dome_mm_ * from_dome * from_dome + waves_mm);
  const float abdomen = in_cavity * cover(below_mm - 3, 2 * soft_mm);
  value = blend(value, contrast_.lung, in_cavity);
  value = blend(value, contrast_.muscle, in_cavity * cover(below_mm, soft_mm));
  const float lobes = texture_(static_cast<float>(x_mm / 9), static_cast<float>(y_mm / 7),
                               static_cast<float>(z_mm / 12));
  value = blend(value, (0.64f + 0.08f * lobes) * contrast_.fat, abdomen);

  // Two surfaces that are near each other close the corner between them.
  const auto nearness = [&](double mm) { return std::exp(-std::max(0.0, mm) / corner_mm_); };
  const double crowd = nearness(depth_mm - fat_mm - wall_mm_) + nearness(-below_mm) +
                       nearness(from_heart_mm(x_mm, y_mm, z_mm));
  const double in_corner_mm = corner_mm_ * std::log(crowd) + lobes;
  const float above = in_cavity * cover(-below_mm, soft_mm);
  const float corner = cover(in_corner_mm, 1.5 * soft_mm);
  value = blend(value, (0.54f + 0.08f * lobes) * contrast_.fat, above * corner);
  return {blend(contrast_.air, value, in_body), above * (1 - corner), abdomen, in_cavity};
}

double Thorax::from_heart_mm(double x_mm, double y_mm, double z_mm) const {
  if (shape_.heart_radius_mm == 0) return kFarMm;
  const double beyond = (z_mm - shape_.heart_center_z_mm) / shape_.heart_half_length_mm;
  const double profile = beyond < 0 ? 1 : std::sqrt(std::max(0.0, 1 - beyond * beyond));
  const double x = x_mm - shape_.heart_lean[0] * z_mm, y = y_mm - shape_.heart_lean[1] * z_mm;
  const double end_x = profile * shape_.heart_end[0], end_y = profile * shape_.heart_end[1];
  const double square = std::max(1.0, end_x * end_x + end_y * end_y);
  const double along = std::clamp((x * end_x + y * end_y) / square, 0.0, 1.0);
  return std::hypot(x - along * end_x, y - along * end_y) - profile * shape_.heart_radius_mm;
}

torch::Tensor Thorax::paint(const PicturePlane& plane) const {
  auto picture = torch::empty({plane.rows, plane.columns});
  auto* pixels = picture.data_ptr<float>();
  std::vector<float> lung(static_cast<size_t>(plane.rows * plane.columns)), abdomen(lung.size()),
      cavity(lung.size());

  // Layers first, then what grows in them.
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const auto p = plane.at(i, j);
      const auto pixel = static_cast<size_t>(j * plane.columns + i);
      const Layers layers = layers_at(p[0], p[1], plane.z_mm, 1.3 * plane.spacing_mm);
      pixels[pixel] = layers.brightness;
      lung[pixel] = layers.lung;
      abdomen[pixel] = layers.abdomen;
      cavity[pixel] = layers.cavity;
    }
  }
  paint_blobs(abdomen_, plane, abdomen, texture_, pixels);
  paint_blobs(mediastinum_, plane, cavity, texture_, pixels);
  paint_blobs(lung_vessels_, plane, lung, texture_, pixels);

  // No tissue is even.
  const auto z = static_cast<float>(plane.z_mm);
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const auto p = plane.at(i, j);
      const auto x = static_cast<float>(p[0]), y = static_cast<float>(p[1]);
      pixels[j * plane.columns + i] *= std::max(
          0.2f, 1 + mottle_ * (texture_(x / 15, y / 15, z / 15) + texture_(x / 6, y / 6, z / 9) +
                               0.8f * texture_(x / 2.6f, y / 2.6f, z / 5)));
    }
  }
  return picture;
}

torch::Tensor Thorax::shading(const PicturePlane& plane) const {
  const auto sensitivity = [&](double x, double y, double z) {
    const double dx = x - coil_[0], dy = y - coil_[1], dz = z - coil_z_mm_;
    return 1 / (0.45 + (dx * dx + dy * dy + dz * dz) / (coil_reach_mm_ * coil_reach_mm_));
  };
  auto picture = torch::empty({plane.rows, plane.columns});
  auto* pixels = picture.data_ptr<float>();
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const auto p = plane.at(i, j);
      pixels[j * plane.columns + i] =
          static_cast<float>(sensitivity(p[0], p[1], plane.z_mm) / sensitivity(0, 0, 0));
    }
  }
  return picture;
}

}  // namespace dmcvr
