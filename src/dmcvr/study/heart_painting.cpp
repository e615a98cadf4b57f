// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_painting.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;
constexpr double kApexFatMm = 14;   // the fat closes within this distance below the apex
constexpr double kChambersMm = 80;  // nothing of the heart is painted farther above the base

// A pixel under construction: layers are laid over each other.
struct Stack {
  float brightness = 0;  // times share
  float share = 0;

  void lay(float value, float part) {
    brightness += part * (value - brightness);
    share += part * (1 - share);
  }
};

}  // namespace

void lay_over(const HeartLayer& layer, float weight, const float* chest, float* slab,
              int64_t columns) {
  size_t n = 0;
  for (int64_t j = layer.window.first_row; j <= layer.window.last_row; ++j) {
    for (int64_t i = layer.window.first_column; i <= layer.window.last_column; ++i, ++n) {
      const int64_t pixel = j * columns + i;
      slab[pixel] += weight * (layer.brightness[n] - layer.share[n] * chest[pixel]);
    }
  }
}

HeartPainter::HeartPainter(uint64_t seed, const HeartShape& shape, const Contrast& contrast)
    : shape_(shape), contrast_(contrast), texture_(seed, "heart texture") {
  auto generator = make_generator(seed, "heart painting");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  lv_blood_ = contrast.blood * static_cast<float>(draw(0.95, 1.05));
  rv_blood_ = contrast.blood * static_cast<float>(draw(0.82, 1));
  fat_ = contrast.fat * static_cast<float>(draw(0.55, 0.95));
  for (auto& angle : trabecula_angle_) angle = draw(0, 2 * kHalfTurn);

  // Left atrium under the mitral valve, right atrium beside it, aorta between them and above, and
  // the pulmonary trunk in front.
  const HeartPhase ed = heart_at(shape, 0);
  const double a = ed.epi_a_mm, toward_rv = shape.rv_angle;
  const auto place = [&](double angle, double distance, double radius, double reach, double filling,
                         float blood) {
    return Chamber{
        distance * std::cos(angle), distance * std::sin(angle), radius, reach, filling, blood};
  };
  chambers_[0] = place(toward_rv + kHalfTurn * draw(0.8, 1), 0.25 * a, draw(20, 27), draw(45, 60),
                       0.2, lv_blood_ * 0.92f);
  chambers_[1] = place(toward_rv - draw(0.15, 0.5), a + 0.5 * ed.rv_gap_mm, draw(20, 27),
                       draw(40, 60), 0.15, rv_blood_ * 0.95f);
  chambers_[2] =
      place(toward_rv + draw(0.5, 0.8), 0.72 * a, draw(12, 15), draw(50, 80), -0.05, lv_blood_);
  chambers_[3] = place(toward_rv + draw(0.9, 1.2), a + 0.35 * ed.rv_gap_mm, draw(11, 15),
                       draw(40, 70), -0.05, rv_blood_);
}

HeartPainter::Edges HeartPainter::edges_at(const HeartPhase& phase, double z_mm) const {
  const double above_base_mm = phase.z_base_mm - z_mm, below_apex_mm = z_mm - phase.z_apex_mm();
  const double fade =
      below_apex_mm > 0 ? 1 - below_apex_mm / kApexFatMm : std::max(0.0, 1 - above_base_mm / 120);
  const double along = std::clamp(-above_base_mm / shape_.length_mm, 0.0, 1.0);
  Edges edges;
  // Above the base the heart keeps the outline that it has a little above its base.
  edges.section = cross_section(shape_, phase, std::max(z_mm, phase.z_base_mm - 20));
  const auto& section = edges.section;
  for (size_t i = 0; i < section.epi.size(); ++i) {
    const double theta = 2 * kHalfTurn * static_cast<double>(i) / CrossSection::kAngles;
    double rough = 0;
    for (int64_t k = 0; k < 3; ++k) {
      const double ridge =
          static_cast<double>(7 + 4 * k) * theta - z_mm / static_cast<double>(6 + 3 * k);
      rough += std::max(0.0, std::cos(ridge - trabecula_angle_[static_cast<size_t>(k)]));
    }
    const double gap_mm = section.rv[i] - section.epi[i];
    edges.endo[i] = section.endo[i] * static_cast<float>(1 - (0.01 + 0.045 * along) * rough);
    edges.rv[i] = section.rv[i] - static_cast<float>(std::min(0.12 * gap_mm, 1.1 * rough));
    edges.wall[i] =
        section.rv[i] + static_cast<float>(shape_.rv_wall_mm * std::min(1.0, gap_mm / 3));
    const double fat_mm =
        std::max(0.6, shape_.fat_mm * shape_.fat(theta)) + (below_apex_mm > 0 ? shape_.fat_mm : 0);
    edges.fat[i] = static_cast<float>(edges.wall[i] * std::min(1.0, fade + 0.2) + fat_mm * fade);
    edges.largest_mm = std::max(edges.largest_mm, static_cast<double>(edges.fat[i]));
  }
  return edges;
}

std::vector<HeartPainter::Circle> HeartPainter::circles_at(const HeartPhase& phase,
                                                           const CrossSection& section,
                                                           double z_mm) const {
  std::vector<Circle> circles;
  const double along = (z_mm - phase.z_base_mm) / (phase.z_apex_mm() - phase.z_base_mm);
  for (const auto& muscle : shape_.papillary) {
    if (along < muscle.begin || along > muscle.end) continue;
    const double angle = muscle.angle + shape_.torsion * phase.contraction * along;
    const double x = std::cos(angle), y = std::sin(angle);
    const double endo_mm =
        look_up(section.endo, table_position(static_cast<float>(x), static_cast<float>(y)));
    const double taper =
        std::sqrt(std::min(1.0, 0.1 + 4 * (along - muscle.begin) / (muscle.end - muscle.begin)));
    circles.push_back({muscle.distance * endo_mm * x, muscle.distance * endo_mm * y,
                       std::min(muscle.radius_mm, 0.3 * endo_mm) * taper, contrast_.muscle * 1.15f,
                       false});
  }
  const double above_base_mm = phase.z_base_mm - z_mm;
  for (const auto& chamber : chambers_) {
    if (above_base_mm < 0 || above_base_mm > chamber.reach_mm) continue;
    const double far = above_base_mm / chamber.reach_mm;
    const double radius_mm =
        chamber.radius_mm * (1 + chamber.filling * phase.contraction) * std::sqrt(1 - far * far);
    circles.push_back({chamber.x, chamber.y, radius_mm, chamber.brightness, true});
  }
  return circles;
}

HeartLayer HeartPainter::paint(const HeartPhase& phase, const PicturePlane& plane) const {
  const double z_mm = plane.z_mm, soft_mm = 1.2 * plane.spacing_mm;
  HeartLayer layer;
  if (phase.z_base_mm - z_mm > kChambersMm || z_mm - phase.z_apex_mm() > kApexFatMm) return layer;
  const Edges edges = edges_at(phase, z_mm);
  const CrossSection& section = edges.section;
  const bool has_lv = z_mm >= phase.z_base_mm && section.has_lv;
  const bool has_rv = z_mm >= phase.z_rv_base_mm && section.has_rv;
  const auto circles = circles_at(phase, section, z_mm);
  double radius_mm = edges.largest_mm;
  for (const auto& circle : circles) {
    radius_mm = std::max(radius_mm, std::hypot(circle.x, circle.y) + circle.radius_mm + 3);
  }

  layer.window = window_around(section.x_mm, section.y_mm, radius_mm, plane);
  const auto z = static_cast<float>(z_mm);
  const auto& w = layer.window;
  const int64_t count =
      std::max<int64_t>(0, w.last_column - w.first_column + 1) * (w.last_row - w.first_row + 1);
  layer.brightness.reserve(static_cast<size_t>(std::max<int64_t>(0, count)));
  layer.share.reserve(layer.brightness.capacity());
  for (int64_t j = layer.window.first_row; j <= layer.window.last_row; ++j) {
    for (int64_t i = layer.window.first_column; i <= layer.window.last_column; ++i) {
      const auto p = plane.at(i, j);
      const auto dx = static_cast<float>(p[0] - section.x_mm),
                 dy = static_cast<float>(p[1] - section.y_mm);
      const float r = std::sqrt(dx * dx + dy * dy);
      if (r > radius_mm + soft_mm) {
        layer.brightness.push_back(0);
        layer.share.push_back(0);
        continue;
      }
      const float position = table_position(dx, dy);
      Stack pixel;
      const auto lay = [&](const CrossSection::Table& edge, float value) {
        const float edge_mm = look_up(edge, position);
        // Less than a pixel wide is less than a whole pixel bright.
        pixel.lay(value, cover(edge_mm - r, soft_mm) * std::min(1.0f, edge_mm / 2));
      };

      // From outside to inside: fat, wall of the RV, its cavity, muscle of the LV, its cavity.
      lay(edges.fat, fat_);
      if (has_rv) {
        lay(edges.wall, contrast_.muscle);
        lay(edges.rv, rv_blood_);
      }
      if (has_lv) {
        lay(section.epi, contrast_.muscle);
        lay(edges.endo, lv_blood_);
      }
      for (const auto& circle : circles) {
        const double cx = dx - circle.x, cy = dy - circle.y;
        const double inside_mm = circle.radius_mm - std::sqrt(cx * cx + cy * cy);
        if (circle.has_wall) pixel.lay(contrast_.muscle, cover(inside_mm + 2, soft_mm));
        pixel.lay(circle.brightness, cover(inside_mm, soft_mm));
      }
      if (pixel.share > 0) {
        pixel.brightness *= 1 + 0.05f * texture_(dx / 8, dy / 8, z / 9) +
                            0.05f * texture_(dx / 2.8f, dy / 2.8f, z / 4);
      }
      layer.brightness.push_back(pixel.brightness);
      layer.share.push_back(pixel.share);
    }
  }
  return layer;
}

torch::Tensor paint_labels(const HeartShape& shape, const HeartPhase& phase,
                           const PicturePlane& plane) {
  auto labels = torch::zeros({plane.rows, plane.columns}, torch::kUInt8);
  if (plane.z_mm < std::min(phase.z_base_mm, phase.z_rv_base_mm) || plane.z_mm > phase.z_apex_mm())
    return labels;
  const CrossSection section = cross_section(shape, phase, plane.z_mm);
  const double radius = *std::max_element(section.rv.begin(), section.rv.end());
  const PixelWindow window = window_around(section.x_mm, section.y_mm, radius, plane);
  auto* pixels = labels.data_ptr<uint8_t>();
  for (int64_t j = window.first_row; j <= window.last_row; ++j) {
    for (int64_t i = window.first_column; i <= window.last_column; ++i) {
      const auto p = plane.at(i, j);
      pixels[j * plane.columns + i] = section.label_at(p[0], p[1]);
    }
  }
  return labels;
}

}  // namespace dmcvr
