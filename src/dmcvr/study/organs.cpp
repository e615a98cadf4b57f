// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/organs.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kFullCircle = 6.28318530717958647692;
constexpr double kUnevenFromMm = 6;  // blobs of this radius and more have uneven edges

// Draws, in the order of the calls.
struct Drawn {
  at::Generator& generator;
  double operator()(double low, double high) const { return uniform(generator, low, high); }
  float bright(double low, double high) const {
    return static_cast<float>(uniform(generator, low, high));
  }
};

void add_liver(const ChestRoom& room, const Contrast& contrast, const Drawn& draw,
               std::vector<Blob>& blobs) {
  const double x = room.center_x - draw(30, 55), y = room.diaphragm + draw(55, 68);
  blobs.push_back(
      {x, y, draw(-10, 50), draw(85, 110), 62, 150, draw(-0.4, 0.2), 0, contrast.liver});
  for (int i = 0; i < 70; ++i) {
    const double radius = draw(0.8, 2.6);
    blobs.push_back({x + draw(-80, 80), y + draw(-52, 48), draw(-60, 120), radius * draw(0.7, 2.5),
                     radius, draw(6, 25), draw(-1, 1), draw(-0.7, 0.7),
                     contrast.liver * draw.bright(1.2, 2)});
  }
}

// A wall, what was eaten or air inside, and folds.
void add_stomach(const ChestRoom& room, const Contrast& contrast, const Drawn& draw,
                 std::vector<Blob>& blobs) {
  const double x = room.center_x + draw(25, 55), y = room.diaphragm + draw(26, 46);
  const double z = draw(20, 70), radius = draw(22, 36);
  blobs.push_back({x, y, z, radius * 1.25, radius, draw(50, 90), 0, 0, contrast.muscle * 1.1f});
  const bool has_air = draw(0, 1) < 0.3;
  blobs.push_back({x + draw(-4, 4), y, z, radius * 1.05, radius * 0.8, draw(45, 80), 0, 0,
                   has_air ? 0.03f : contrast.muscle * draw.bright(1.2, 2.4)});
  for (int i = 0; i < 24; ++i) {
    const double fold = draw(1.5, 6);
    blobs.push_back({x + radius * draw(-0.7, 0.7), y + radius * draw(-0.6, 0.6), z + draw(-40, 40),
                     fold * draw(0.7, 1.8), fold, draw(6, 20), draw(-1, 1), draw(-0.5, 0.5),
                     draw.bright(0.06, 0.6)});
  }
}

}  // namespace

std::vector<Blob> draw_abdomen(const ChestRoom& room, const Contrast& contrast,
                               at::Generator& generator) {
  const Drawn draw{generator};
  std::vector<Blob> blobs;
  add_liver(room, contrast, draw, blobs);
  add_stomach(room, contrast, draw, blobs);
  // The spleen, then bowel, kidney and muscle.
  blobs.push_back({room.center_x + 0.7 * room.half_width, room.diaphragm + draw(40, 75),
                   draw(0, 50), draw(18, 28), draw(34, 50), draw(50, 90), draw(-0.2, 0.2), 0,
                   contrast.liver * draw.bright(1, 1.5)});
  for (int i = 0; i < 60; ++i) {
    const double radius = draw(2.5, 15);
    const bool is_bright = draw(0, 1) < 0.3;
    blobs.push_back(
        {room.center_x + draw(0.05, 0.95) * room.half_width, room.diaphragm + draw(26, 130),
         draw(-40, 120), radius, radius * draw(0.5, 1.4), draw(8, 45), draw(-0.6, 0.6),
         draw(-0.3, 0.3),
         is_bright ? draw.bright(0.35, 0.75) : contrast.muscle * draw.bright(0.6, 1.5)});
  }
  return blobs;
}

std::vector<Blob> draw_mediastinum(const ChestRoom& room, const Contrast& contrast,
                                   at::Generator& generator) {
  const Drawn draw{generator};
  std::vector<Blob> blobs;
  blobs.push_back({draw(0, 30), draw(-35, -5), draw(-95, -75), draw(65, 85), draw(60, 80),
                   draw(50, 65), 0, 0, contrast.fat * draw.bright(0.5, 0.9)});
  // Vertebrae, of which the plane cuts some, and the cord in its bright water behind them.
  const double spine_x = room.center_x + draw(25, 80), spine_y = room.diaphragm + draw(-5, 40);
  const double lean_x = draw(-0.5, -0.1), lean_y = draw(0.2, 0.8);
  const double spine_z = draw(-45, 5);
  blobs.push_back({spine_x, spine_y, spine_z, 27, 29, 62, lean_x, lean_y, contrast.muscle * 0.8f});
  blobs.push_back({spine_x, spine_y, spine_z, 21, 22, 58, lean_x, lean_y,
                   contrast.muscle * draw.bright(1.1, 2)});
  blobs.push_back({spine_x + 27, spine_y + 12, spine_z, 9, 8, 65, lean_x, lean_y, 0.65f});
  blobs.push_back({spine_x + 27, spine_y + 12, spine_z, 5, 4.5, 65, lean_x, lean_y, 0.35f});
  // The descending aorta passes behind the left ventricle and is wrapped in fat.
  const double aorta_mm = draw(9, 12.5);
  const double aorta_x = spine_x - draw(12, 28), aorta_y = spine_y - draw(22, 34);
  const double wall_mm = aorta_mm + 0.8;
  blobs.push_back(
      {aorta_x, aorta_y, spine_z, wall_mm, wall_mm, 500, lean_x, lean_y, contrast.muscle});
  blobs.push_back({aorta_x, aorta_y, spine_z, aorta_mm, aorta_mm * draw(0.92, 1.08), 500, lean_x,
                   lean_y, contrast.blood * draw.bright(0.7, 1.1)});
  return blobs;
}

std::vector<Blob> draw_lung_vessels(const ChestRoom& room, at::Generator& generator) {
  const Drawn draw{generator};
  std::vector<Blob> blobs;
  const double root_x = room.center_x + draw(5, 35), root_y = draw(-40, 0);
  for (int i = 0; i < 800; ++i) {
    const double away = draw(0.05, 1), angle = draw(0, 1) * kFullCircle;
    const double radius = draw(0.6, 1.7) * (1.9 - 1.5 * away), outward = draw(-1.2, 1.2);
    blobs.push_back({root_x + 110 * away * std::cos(angle), root_y + 110 * away * std::sin(angle),
                     draw(-60, 130), radius, radius * draw(0.8, 1.25), draw(4, 16),
                     outward * std::cos(angle), outward * std::sin(angle),
                     draw.bright(0.15, 0.95) * static_cast<float>(1.1 - 0.6 * away)});
  }
  return blobs;
}

void paint_blobs(const std::vector<Blob>& blobs, const PicturePlane& plane,
                 const std::vector<float>& share_of_room, const Texture& texture, float* picture) {
  for (const Blob& blob : blobs) {
    // The ellipse in this plane, and the pixels around it.
    const double dz = (plane.z_mm - blob.z) / blob.rz;
    if (std::abs(dz) >= 1) continue;
    const double scale = std::sqrt(1 - dz * dz);
    const double x = blob.x + blob.lean_x * (plane.z_mm - blob.z);
    const double y = blob.y + blob.lean_y * (plane.z_mm - blob.z);
    const double rx = blob.rx * scale, ry = blob.ry * scale;
    const double radius = std::min(rx, ry);
    const double uneven_mm = radius < kUnevenFromMm ? 0 : std::min(2.2, 0.08 * radius);
    const PixelWindow window = window_around(x, y, std::max(rx, ry) * 1.2, plane);
    for (int64_t j = window.first_row; j <= window.last_row; ++j) {
      for (int64_t i = window.first_column; i <= window.last_column; ++i) {
        const int64_t pixel = j * plane.columns + i;
        const float room = share_of_room[static_cast<size_t>(pixel)];
        if (room == 0) continue;
        const auto p = plane.at(i, j);
        double distance = (1 - std::hypot((p[0] - x) / rx, (p[1] - y) / ry)) * radius;
        if (uneven_mm > 0 && std::abs(distance) < 4 * uneven_mm) {
          distance += uneven_mm * texture(static_cast<float>(p[0] / 15 + blob.z),
                                          static_cast<float>(p[1] / 15),
                                          static_cast<float>(plane.z_mm / 16));
        }
        picture[pixel] +=
            room * cover(distance, plane.spacing_mm) * (blob.brightness - picture[pixel]);
      }
    }
  }
}

}  // namespace dmcvr
