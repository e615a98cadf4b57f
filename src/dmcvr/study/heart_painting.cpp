// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_painting.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;
constexpr double kBaseFatMm = 32;  // and within this above the base
constexpr double kApexFatMm = 10;  // the fat closes within this distance below the apex
constexpr double kLeafletMm = 1.2;
constexpr double kChambersMm = 95;  // nothing of the heart is painted farther above the base

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
    : shape_(shape), contrast_(contrast), texture_(seed, "heart texture"), chambers_(seed, shape) {
  auto generator = make_generator(seed, "heart painting");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  lv_blood_ = contrast.blood * static_cast<float>(draw(0.95, 1.05));
  rv_blood_ = contrast.blood * static_cast<float>(draw(0.75, 1));
  fat_ = contrast.fat * static_cast<float>(draw(0.5, 1));
  for (auto& angle : trabecula_angle_) angle = draw(0, 2 * kHalfTurn);
  roughness_ = draw(0.7, 1.6);
  pad_angle_ = shape.rv_angle - draw(-0.7, 1.1);
  pad_mm_ = std::max(0.0, draw(-5, 15));
  flow_ = static_cast<float>(draw(0.08, 0.24));
}

HeartPainter::Edges HeartPainter::edges_at(const HeartPhase& phase, double z_mm) const {
  const double above_base_mm = phase.z_base_mm - z_mm, below_apex_mm = z_mm - phase.z_apex_mm();
  const double beyond =
      below_apex_mm > 0 ? below_apex_mm / kApexFatMm : std::max(0.0, above_base_mm / kBaseFatMm);
  const double fade = std::sqrt(std::max(0.0, 1 - beyond * beyond));
  const double along = std::clamp(-above_base_mm / shape_.length_mm, 0.0, 1.0);
  const double crowding = roughness_ * (1 + phase.contraction);
  Edges edges;
  // Above the base the heart keeps the outline that it has a little above its base.
  edges.section = cross_section(shape_, phase, std::max(z_mm, phase.z_base_mm - 20));
  const auto& section = edges.section;
  for (size_t i = 0; i < section.epi.size(); ++i) {
    const double theta = 2 * kHalfTurn * static_cast<double>(i) / CrossSection::kAngles;
    double rough = 0;
    for (int64_t k = 0; k < 3; ++k) {
      const double ridge = static_cast<double>(6 + 3 * k) * theta -
                           z_mm / static_cast<double>(6 + 3 * k) +
                           0.8 * std::sin(2 * theta + z_mm / 11);
      rough += std::max(0.0, std::cos(ridge - trabecula_angle_[static_cast<size_t>(k)]));
    }
    const double gap_mm = section.rv[i] - section.epi[i];
    const double ridge_mm = (0.25 + 1.1 * along) * crowding * rough;
    edges.endo[i] = section.endo[i] - static_cast<float>(std::min(0.3 * section.endo[i], ridge_mm));
    edges.rv[i] =
        section.rv[i] - static_cast<float>(std::min(0.2 * gap_mm, 0.9 * crowding * rough));
    edges.wall[i] =
        section.rv[i] + static_cast<float>(shape_.rv_wall_mm * std::min(1.0, gap_mm / 3));
    const double toward_pad = std::max(0.0, std::cos(theta - pad_angle_));
    const double fat_mm = std::max(0.0, shape_.fat_mm * (shape_.fat(theta) - 0.5)) +
                          pad_mm_ * (0.3 + 0.7 * along) * toward_pad * toward_pad +
                          (below_apex_mm > 0 ? shape_.fat_mm : 0);
    edges.fat[i] = static_cast<float>((edges.wall[i] + fat_mm) * fade);
    edges.largest_mm = std::max(edges.largest_mm, static_cast<double>(edges.fat[i]));
  }
  return edges;
}

std::vector<HeartPainter::Inlay> HeartPainter::inlays_at(const HeartPhase& phase,
                                                         const CrossSection& section,
                                                         double z_mm) const {
  std::vector<Inlay> inlays;
  const float muscle = contrast_.muscle * 1.12f;
  const double along = (z_mm - phase.z_base_mm) / (phase.z_apex_mm() - phase.z_base_mm);
  for (const auto& papillary : shape_.papillary) {
    if (along < papillary.begin || along > papillary.end) continue;
    // From its tip to the wall that it grows out of; thicker and closer to its twin in systole.
    const double down = (along - papillary.begin) / (papillary.end - papillary.begin);
    const double angle = papillary.angle + shape_.torsion * phase.contraction * along;
    const double x = std::cos(angle), y = std::sin(angle);
    const double endo_mm =
        look_up(section.endo, table_position(static_cast<float>(x), static_cast<float>(y)));
    const double from_axis = papillary.distance + (0.95 - papillary.distance) * down * down;
    const double radius_mm =
        std::min(papillary.radius_mm * (1 + 0.2 * phase.contraction), 0.36 * endo_mm) *
        std::sqrt(std::min(1.0, 0.12 + 3 * down));
    const double foot = from_axis + 0.25 * down;
    inlays.push_back({{from_axis * endo_mm * x, from_axis * endo_mm * y, foot * endo_mm * x,
                       foot * endo_mm * y, radius_mm},
                      muscle,
                      0.9f,
                      false});
  }
  if (z_mm >= phase.z_rv_base_mm && section.has_rv) {
    for (const Bar& bar : chambers_.right_bars(section, phase, z_mm))
      inlays.push_back({bar, muscle, 0.5f, false});
  }
  for (const auto& [chamber, bar] : chambers_.at(phase, z_mm)) {
    const bool is_left = chamber == Chamber::left_atrium || chamber == Chamber::aorta;
    inlays.push_back({bar, is_left ? lv_blood_ * 0.93f : rv_blood_, 1.4f, true});
  }
  // The leaflets of the mitral valve darken the planes that meet them.
  if (std::abs(z_mm - phase.z_base_mm) < kLeafletMm)
    inlays.push_back({{0, 0, 0, 0, 0.88 * section.endo[0]}, 0.72f * lv_blood_, 1.5f, false});
  return inlays;
}

float HeartPainter::flow(float dx, float dy, const HeartPhase& phase, float z) const {
  const auto moved = static_cast<float>(2.5 * phase.contraction);
  return 1 + flow_ * (texture_(dx / 19, dy / 19, z / 13 + moved) +
                      0.7f * texture_(dx / 8 + moved, dy / 8, z / 9) +
                      0.35f * texture_(dx / 3.2f, dy / 3.2f + moved, z / 6));
}

HeartLayer HeartPainter::paint(const HeartPhase& phase, const PicturePlane& plane) const {
  const double z_mm = plane.z_mm, soft_mm = 1.2 * plane.spacing_mm;
  HeartLayer layer;
  if (phase.z_base_mm - z_mm > kChambersMm || z_mm - phase.z_apex_mm() > kApexFatMm) return layer;
  const Edges edges = edges_at(phase, z_mm);
  const CrossSection& section = edges.section;
  const bool has_lv = z_mm >= phase.z_base_mm && section.has_lv;
  const bool has_rv = z_mm >= phase.z_rv_base_mm && section.has_rv;
  const auto inlays = inlays_at(phase, section, z_mm);
  double radius_mm = edges.largest_mm;
  for (const auto& [bar, brightness, rough_mm, has_wall] : inlays) {
    radius_mm =
        std::max(radius_mm, std::max(std::hypot(bar.x0, bar.y0), std::hypot(bar.x1, bar.y1)) +
                                bar.radius_mm + 4);
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
      const float fine = texture_(dx / 2.8f, dy / 2.8f, z / 4);
      const float coarse = texture_(dx / 7, dy / 7, z / 8);
      const float blood = flow(dx, dy, phase, z);
      const float muscle = contrast_.muscle * (1 + 0.1f * coarse + 0.09f * fine);
      lay(edges.fat, fat_ * (1 + 0.18f * coarse + 0.1f * fine));
      if (has_rv) {
        lay(edges.wall, muscle);
        lay(edges.rv, rv_blood_ * blood);
      }
      if (has_lv) {
        lay(section.epi, muscle);
        lay(edges.endo, lv_blood_ * blood);
      }
      for (const auto& [bar, brightness, rough_mm, has_wall] : inlays) {
        const double inside_mm = bar.depth_mm(dx, dy) + rough_mm * coarse;
        if (inside_mm < -4) continue;
        if (has_wall) pixel.lay(muscle, cover(inside_mm + 1.6, soft_mm));
        pixel.lay(brightness * (has_wall ? blood : 1 + 0.1f * coarse), cover(inside_mm, soft_mm));
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
