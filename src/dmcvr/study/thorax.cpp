// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/thorax.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kTurn = 6.28318530717958647692;

float blend(float below, float above, float share) {
  return below + share * (above - below);
}

}  // namespace

std::array<double, 2> PicturePlane::at(int64_t column, int64_t row) const {
  const double x = static_cast<double>(column) * spacing_mm,
               y = static_cast<double>(row) * spacing_mm;
  return {origin_mm[0] + across[0] * x - across[1] * y,
          origin_mm[1] + across[1] * x + across[0] * y};
}

std::array<double, 2> PicturePlane::pixel_of(double x_mm, double y_mm) const {
  const double x = (x_mm - origin_mm[0]) / spacing_mm, y = (y_mm - origin_mm[1]) / spacing_mm;
  return {across[0] * x + across[1] * y, across[0] * y - across[1] * x};
}

PixelWindow window_around(double x_mm, double y_mm, double radius_mm, const PicturePlane& plane) {
  const auto center = plane.pixel_of(x_mm, y_mm);
  const double reach = radius_mm / plane.spacing_mm + 2;
  const auto first = [&](double at, int64_t count) {
    return static_cast<int64_t>(std::clamp(std::ceil(at - reach), 0.0, static_cast<double>(count)));
  };
  const auto last = [&](double at, int64_t count) {
    return static_cast<int64_t>(
        std::clamp(std::floor(at + reach), -1.0, static_cast<double>(count - 1)));
  };
  return {first(center[0], plane.columns), last(center[0], plane.columns),
          first(center[1], plane.rows), last(center[1], plane.rows)};
}

Contrast draw_contrast(uint64_t seed) {
  auto generator = make_generator(seed, "contrast");
  const auto draw = [&](double low, double high) {
    return static_cast<float>(uniform(generator, low, high));
  };
  // Muscle is 0.28 to 0.55 of blood, most often near the lower end.
  Contrast contrast;
  const float brighter = draw(0, 1);
  contrast.muscle = contrast.blood * (0.27f + 0.28f * brighter * brighter);
  contrast.fat = contrast.blood * draw(0.75f, 1.2f);
  contrast.liver = contrast.muscle * draw(0.8f, 1.5f);
  contrast.lung = draw(0.04f, 0.12f);
  return contrast;
}

Thorax::Thorax(uint64_t seed, const ThoraxShape& shape, const Contrast& contrast)
    : contrast_(contrast), texture_(seed, "thorax texture") {
  auto generator = make_generator(seed, "thorax");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };

  // The body is an oval that stands upright; its left wall lies close to the heart.
  fat_mm_ = draw(6, 26);
  wall_mm_ = draw(9, 17);
  const double inner_width = draw(88, 112);
  half_width_ = inner_width + wall_mm_ + fat_mm_;
  half_height_ = half_width_ * draw(1.2, 1.5);
  center_x_ = -shape.left_mm + inner_width;
  center_y_ = draw(-15, 35);
  exponent_ = draw(2.1, 2.7);
  tilt_ = draw(-0.2, 0.1);
  left_slope_ = shape.left_slope;
  for (auto& wave : fat_wave_) wave = draw(-1, 1);
  fat_under_skin_ = contrast.fat * static_cast<float>(draw(0.9, 1.15));
  mottle_ = static_cast<float>(draw(0.07, 0.16));

  // Diaphragm and ribs.
  diaphragm_mm_ = shape.diaphragm_mm;
  diaphragm_slope_ = shape.diaphragm_slope;
  dome_x_ = draw(-40, 20);
  dome_mm_ = draw(8, 26);
  rib_phase_ = draw(0, 60);
  rib_pitch_ = draw(26, 36);
  rib_slope_ = draw(-0.5, 0.5);

  // The coil lies on the chest, to the upper left in the picture.
  const double coil_angle = kTurn / 2 + draw(-0.4, 1.1);
  coil_ = {center_x_ + 1.05 * half_width_ * std::cos(coil_angle),
           center_y_ + 1.05 * half_height_ * std::sin(coil_angle)};
  coil_z_mm_ = draw(30, 110);  // the apex lies nearer to the front than the base
  coil_reach_mm_ = draw(190, 340);

  // Below the diaphragm: fat holds the liver on the left, stomach or spleen on the right, and
  // bowel.
  const double floor_mm = diaphragm_mm_;
  const double liver_x = center_x_ - draw(30, 55), liver_y = floor_mm + draw(55, 68);
  organs_.push_back(
      {liver_x, liver_y, draw(-10, 50), draw(85, 110), 62, 150, draw(-0.4, 0.2), contrast.liver});
  for (int i = 0; i < 70; ++i) {  // vessels of the liver: branches of a few millimeters
    const double radius = draw(0.8, 3);
    organs_.push_back({liver_x + draw(-80, 80), liver_y + draw(-52, 48), draw(-60, 120),
                       radius * draw(0.7, 4), radius, draw(6, 25), draw(-1.5, 1.5),
                       contrast.liver * static_cast<float>(draw(1.2, 1.9))});
  }
  // Stomach, with a bright and a dark part, and spleen.
  const double stomach_x = center_x_ + draw(25, 55), stomach_y = floor_mm + draw(26, 46);
  const double stomach_z = draw(20, 70), stomach_r = draw(22, 36);
  organs_.push_back({stomach_x, stomach_y, stomach_z, stomach_r * 1.15, stomach_r, draw(50, 90), 0,
                     contrast.muscle * 1.2f});
  organs_.push_back({stomach_x + draw(-4, 4), stomach_y, stomach_z, stomach_r, stomach_r * 0.85,
                     draw(45, 80), 0,
                     static_cast<float>(draw(0, 1) < 0.4 ? 0.03 : draw(0.3, 0.7))});
  for (int i = 0; i < 14; ++i) {
    const double radius = draw(2, 7);
    organs_.push_back({stomach_x + stomach_r * draw(-0.6, 0.6),
                       stomach_y + stomach_r * draw(-0.5, 0.5), stomach_z + draw(-40, 40),
                       radius * draw(0.7, 1.8), radius, draw(6, 20), draw(-1, 1),
                       static_cast<float>(draw(0.05, 0.7))});
  }
  organs_.push_back({center_x_ + 0.7 * half_width_, floor_mm + draw(40, 75), draw(0, 50),
                     draw(18, 28), draw(34, 50), draw(50, 90), draw(-0.2, 0.2),
                     contrast.liver * static_cast<float>(draw(1, 1.5))});
  for (int i = 0; i < 46; ++i) {  // bowel, kidney, muscle
    const double radius = draw(3, 17);
    organs_.push_back({center_x_ + draw(-0.7, 0.95) * half_width_, floor_mm + draw(30, 130),
                       draw(-40, 120), radius, radius * draw(0.5, 1.4), draw(8, 45),
                       draw(-0.6, 0.6),
                       static_cast<float>(draw(0, 1) < 0.35 ? draw(0.4, 0.9) : draw(0.03, 0.35))});
  }
  // The descending aorta in front of the spine.
  organs_.push_back({center_x_ + draw(5, 40), floor_mm + draw(25, 50), 0, draw(9, 13), draw(9, 13),
                     500, draw(-0.3, 0.3), contrast.blood * 0.95f});

  // Behind the base of the heart: the mediastinum with its fat, and the spine.
  vessels_.push_back({draw(0, 30), draw(-35, -5), draw(-95, -75), draw(65, 85), draw(60, 80),
                      draw(50, 65), 0, contrast.fat * static_cast<float>(draw(0.3, 0.6))});
  vessels_.push_back({center_x_ + draw(0, 35), draw(0, 35), draw(-125, -100), draw(30, 42),
                      draw(36, 50), draw(55, 75), 0, static_cast<float>(draw(0.2, 0.45))});

  // Lung vessels: wide and bright near the root of the lung, many thin ones farther out.
  const double root_x = center_x_ + draw(5, 35), root_y = draw(-35, 5);
  for (int i = 0; i < 700; ++i) {
    const double away = draw(0.05, 1), angle = draw(0, 1) * kTurn;
    const double radius = draw(0.5, 1.9) * (1.9 - 1.5 * away);
    vessels_.push_back({root_x + 110 * away * std::cos(angle),
                        root_y + 110 * away * std::sin(angle), draw(-60, 130),
                        radius * draw(0.7, 2.2), radius, draw(4, 20), draw(-1.5, 1.5),
                        static_cast<float>(draw(0.12, 0.9) * (1.1 - 0.6 * away))});
  }
}

float Thorax::wall_at(double depth_mm, double fat_mm, double along_mm, double soft_mm) const {
  float value = blend(contrast_.muscle * 1.2f, fat_under_skin_,
                      cover(depth_mm - 1.5, soft_mm));  // skin is darker
  // Muscles of the chest, with sheets of fat between them.
  const float sheet =
      texture_(static_cast<float>(along_mm / 23), static_cast<float>(depth_mm / 2.6), 9);
  const float muscle = sheet > 0.9f ? 0.6f * contrast_.fat : contrast_.muscle * (1 + 0.15f * sheet);
  value = blend(value, muscle, cover(depth_mm - fat_mm, 1.5 * soft_mm));
  // Ribs: bright marrow in a dark shell, each a little different from the next.
  const double from_rib = std::remainder(along_mm, rib_pitch_);
  const auto number = static_cast<float>(std::round((along_mm - from_rib) / rib_pitch_));
  const float size = 0.9f + 0.35f * texture_(0.7f * number, 5, 5),
              marrow = 0.3f + 0.12f * texture_(5, number, 5);
  const double across = (depth_mm - fat_mm - 0.62 * wall_mm_) / (0.3 * wall_mm_);
  const double rib = size - std::hypot(from_rib / 8, across);
  value = blend(value, 0.08f, cover(3 * rib + 1, 2 * soft_mm));
  return blend(value, std::max(0.1f, marrow), cover(3 * rib, 2 * soft_mm));
}

Thorax::Layers Thorax::layers_at(double x_mm, double y_mm, double z_mm, double soft_mm) const {
  // Depth below the skin: the oval's level set, in mm of its narrower side.
  const double half_width = half_width_ + tilt_ * z_mm;
  const double nearer = x_mm < center_x_ ? left_slope_ * std::clamp(z_mm, -30.0, 110.0) : 0;
  const double x = (x_mm - center_x_) * half_width / (half_width - nearer), y = y_mm - center_y_;
  const double u = std::abs(x) / half_width, v = std::abs(y) / half_height_;
  const double level = std::pow(std::pow(u, exponent_) + std::pow(v, exponent_), 1 / exponent_);
  const double angle = std::atan2(y, x);
  const double bulge_mm = 4 * fat_wave_[0] * std::cos(3 * angle) +
                          3 * fat_wave_[1] * std::sin(4 * angle) +
                          3 * fat_wave_[6] * std::cos(5 * angle + 0.02 * z_mm);
  const double depth_mm = (1 - level) * half_width + bulge_mm;
  const float in_body = cover(depth_mm, soft_mm);
  if (in_body == 0) return {contrast_.air, 0, 0};

  // Fat under the skin, thicker in places, then the wall; deep inside neither is seen.
  const double fat_mm = fat_mm_ * (1 + 0.35 * fat_wave_[2] * std::cos(angle) +
                                   0.3 * fat_wave_[3] * std::sin(2 * angle) +
                                   0.2 * fat_wave_[4] * std::cos(3 * angle + 0.03 * z_mm));
  const float in_cavity = cover(depth_mm - fat_mm - wall_mm_, soft_mm);
  const double along_mm = half_width * angle + rib_slope_ * z_mm + rib_phase_;
  float value = in_cavity == 1 ? 0 : wall_at(depth_mm, fat_mm, along_mm, soft_mm);

  // Lungs above the diaphragm, fat below it; the diaphragm itself is a thin sheet of muscle.
  const double from_dome = (x_mm - dome_x_) / 90;
  const double waves_mm = 2.5 * fat_wave_[5] * std::sin(x_mm / 17 + z_mm / 25) +
                          2 * fat_wave_[7] * std::sin(x_mm / 9 - z_mm / 30);
  const double below_mm = y_mm - (diaphragm_mm_ - diaphragm_slope_ * z_mm +
                                  dome_mm_ * from_dome * from_dome + waves_mm);
  const float abdomen = in_cavity * cover(below_mm - 3, 2 * soft_mm);
  value = blend(value, contrast_.lung, in_cavity);
  value = blend(value, contrast_.muscle, in_cavity * cover(below_mm, soft_mm));
  const float lobes = texture_(static_cast<float>(x_mm / 9), static_cast<float>(y_mm / 7),
                               static_cast<float>(z_mm / 12));
  value = blend(value, (0.62f + 0.22f * lobes) * contrast_.fat, abdomen);
  return {blend(contrast_.air, value, in_body), in_cavity * cover(-below_mm, soft_mm), abdomen};
}

void Thorax::paint_blobs(const std::vector<Blob>& blobs, const PicturePlane& plane,
                         const std::vector<float>& room, float* picture) const {
  for (const Blob& blob : blobs) {
    // The ellipse in this plane, and the pixels around it.
    const double dz = (plane.z_mm - blob.z) / blob.rz;
    if (std::abs(dz) >= 1) continue;
    const double scale = std::sqrt(1 - dz * dz);
    const double x = blob.x + blob.lean * (plane.z_mm - blob.z), y = blob.y;
    const double rx = blob.rx * scale, ry = blob.ry * scale;
    const double radius = std::min(rx, ry);
    const PixelWindow window = window_around(x, y, std::max(rx, ry), plane);
    for (int64_t j = window.first_row; j <= window.last_row; ++j) {
      for (int64_t i = window.first_column; i <= window.last_column; ++i) {
        const auto p = plane.at(i, j);
        const double distance = (1 - std::hypot((p[0] - x) / rx, (p[1] - y) / ry)) * radius;
        const int64_t pixel = j * plane.columns + i;
        const float share = room[static_cast<size_t>(pixel)] * cover(distance, plane.spacing_mm);
        picture[pixel] = blend(picture[pixel], blob.brightness, share);
      }
    }
  }
}

torch::Tensor Thorax::paint(const PicturePlane& plane) const {
  auto picture = torch::empty({plane.rows, plane.columns});
  auto* pixels = picture.data_ptr<float>();
  std::vector<float> lung(static_cast<size_t>(plane.rows * plane.columns)), abdomen(lung.size());

  // Layers first, then what grows in them.
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const auto p = plane.at(i, j);
      const auto pixel = static_cast<size_t>(j * plane.columns + i);
      const Layers layers = layers_at(p[0], p[1], plane.z_mm, plane.spacing_mm);
      pixels[pixel] = layers.brightness;
      lung[pixel] = layers.lung;
      abdomen[pixel] = layers.abdomen;
    }
  }
  paint_blobs(organs_, plane, abdomen, pixels);
  paint_blobs(vessels_, plane, lung, pixels);

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
