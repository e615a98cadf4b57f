// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_painting.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;
constexpr double kPericardiumMm = 1.2;
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
    : shape_(shape),
      contrast_(contrast),
      texture_(seed, "heart texture"),
      chambers_(seed, shape),
      left_trabeculae_(seed, "left trabeculae", 32),
      right_trabeculae_(seed, "right trabeculae", 64) {
  auto generator = make_generator(seed, "heart painting");
  const auto draw = [&](double low, double high) { return uniform(generator, low, high); };
  lv_blood_ = contrast.blood * static_cast<float>(draw(0.95, 1.05));
  rv_blood_ = contrast.blood * static_cast<float>(draw(0.68, 0.95));
  fat_ = contrast.fat * static_cast<float>(draw(0.45, 0.75));
  surface_.roughness = draw(0.8, 1.7);
  ed_endo_mm_ = heart_at(shape, 0).endo_a_mm;
  surface_.pad_angle = shape.rv_angle - draw(-0.7, 1.1);
  surface_.pad_mm = std::max(0.0, draw(-5, 15));
  flow_ = static_cast<float>(draw(0.14, 0.32));
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
                      1.6f,
                      false});
  }
  if (z_mm >= phase.z_rv_base_mm && section.has_rv) {
    for (const Bar& bar : chambers_.right_bars(section, phase, z_mm))
      inlays.push_back({bar, muscle, 0.5f, false});
  }
  for (const auto& [chamber, bar] : chambers_.at(phase, z_mm)) {
    const bool is_left = chamber == Chamber::left_atrium || chamber == Chamber::aorta;
    inlays.push_back({bar, is_left ? lv_blood_ * 0.93f : rv_blood_, 2.0f, true});
  }
  // The leaflets of the mitral valve darken the planes that meet them.
  if (std::abs(z_mm - phase.z_base_mm) < kLeafletMm)
    inlays.push_back({{0, 0, 0, 0, 0.88 * section.endo[0]}, 0.72f * lv_blood_, 1.5f, false});
  return inlays;
}

float HeartPainter::flow(float dx, float dy, const HeartPhase& phase, float z) const {
  const auto moved = static_cast<float>(2.5 * phase.contraction);
  return 1 + flow_ * (texture_(dx / 19, dy / 19, z / 13 + moved) +
                      0.6f * texture_(dx / 8 + moved, dy / 8, z / 9) +
                      0.5f * texture_(dx / 3.2f, dy / 3.2f + moved, z / 6));
}

// What all pixels of a plane share.
struct HeartPainter::Plane {
  const HeartPhase& phase;
  HeartEdges edges;
  std::vector<Inlay> inlays;
  bool has_lv = false, has_rv = false;
  double radius_mm = 0;  // of the circle that holds all of it
  double soft_mm = 1;
  float z_mm = 0;
  // Trabeculae move with the wall: down with the base, round with its torsion, inward.
  float material_z_mm = 0, twist_turns = 0, swelling = 1;
};

HeartPainter::Plane HeartPainter::plane_at(const HeartPhase& phase,
                                           const PicturePlane& plane) const {
  const double z_mm = plane.z_mm;
  Plane result{phase, heart_edges(shape_, surface_, phase, z_mm), {}};
  const CrossSection& section = result.edges.section;
  result.has_lv = z_mm >= phase.z_base_mm && section.has_lv;
  result.has_rv = z_mm >= phase.z_rv_base_mm && section.has_rv;
  result.inlays = inlays_at(phase, section, z_mm);
  result.radius_mm = result.edges.largest_mm;
  for (const auto& [bar, brightness, rough_mm, has_wall] : result.inlays) {
    const double reach_mm = std::max(std::hypot(bar.x0, bar.y0), std::hypot(bar.x1, bar.y1));
    result.radius_mm = std::max(result.radius_mm, reach_mm + bar.radius_mm + 4);
  }
  result.soft_mm = 1.5 * plane.spacing_mm;
  result.z_mm = static_cast<float>(z_mm);
  result.material_z_mm = static_cast<float>(shape_.length_mm * (z_mm - phase.z_base_mm) /
                                            (phase.z_apex_mm() - phase.z_base_mm));
  result.twist_turns = static_cast<float>(shape_.torsion * phase.contraction * z_mm /
                                          shape_.length_mm / (2 * kHalfTurn));
  result.swelling = static_cast<float>(ed_endo_mm_ / phase.endo_a_mm);
  return result;
}

void HeartPainter::paint_pixel(const Plane& plane, float dx, float dy, HeartLayer& layer) const {
  const float r = std::sqrt(dx * dx + dy * dy);
  if (r > plane.radius_mm + plane.soft_mm) {
    layer.brightness.push_back(0);
    layer.share.push_back(0);
    return;
  }
  const HeartEdges& edges = plane.edges;
  const CrossSection& section = edges.section;
  const double soft_mm = plane.soft_mm;
  const float z = plane.z_mm;
  const float position = table_position(dx, dy);
  Trabeculae::Place place{dx * plane.swelling, dy * plane.swelling, plane.material_z_mm,
                          position / CrossSection::kAngles - plane.twist_turns};
  Stack pixel;
  const auto lay = [&](const CrossSection::Table& edge, float value) {
    const float edge_mm = look_up(edge, position);
    // Less than a pixel wide is less than a whole pixel bright.
    pixel.lay(value, cover(edge_mm - r, soft_mm) * std::min(1.0f, edge_mm / 2));
  };
  const auto lay_cavity = [&](const CrossSection::Table& edge, const CrossSection::Table& reach_mm,
                              const Trabeculae& trabeculae, float blood, float muscle) {
    place.depth_mm = look_up(edge, position) - r;
    const float rough = trabeculae.muscle_at(place, look_up(reach_mm, position));
    lay(edge, blood + rough * (muscle - blood));
  };

  // From outside to inside: pericardium, fat, wall of the RV, its cavity, muscle of the LV, its
  // cavity.
  const float fine = texture_(dx / 2.8f, dy / 2.8f, z / 4);
  const float coarse = texture_(dx / 7, dy / 7, z / 8);
  const float fat_edge_mm = look_up(edges.fat, position);
  const float blood = flow(dx, dy, plane.phase, z);
  const float muscle = contrast_.muscle * (1 + 0.16f * coarse + 0.12f * fine);
  pixel.lay(contrast_.lung, 0.7f * cover(fat_edge_mm + kPericardiumMm - r, soft_mm) *
                                std::min(1.0f, fat_edge_mm / 10));
  lay(edges.fat, fat_ * (1 + 0.15f * coarse + 0.1f * fine));
  if (edges.right_collar > 0) {
    lay(edges.wall, muscle);
    // Above its base the atrium and the outflow take the place of its blood.
    if (!plane.has_rv) lay(edges.rv, 0.5f * (muscle + rv_blood_));
  }
  if (plane.has_rv)
    lay_cavity(section.rv, edges.right_mm, right_trabeculae_, rv_blood_ * blood, muscle);
  if (edges.left_collar > 0)
    pixel.lay(muscle, edges.left_collar * cover(look_up(section.epi, position) - r, soft_mm));
  if (plane.has_lv)
    lay_cavity(section.endo, edges.left_mm, left_trabeculae_, lv_blood_ * blood, muscle);
  for (const auto& [bar, brightness, rough_mm, has_wall] : plane.inlays) {
    const double inside_mm = bar.depth_mm(dx, dy) + rough_mm * (coarse + 0.4f * fine);
    if (inside_mm < -4) continue;
    if (has_wall) pixel.lay(muscle, cover(inside_mm + 1.2, soft_mm));
    pixel.lay(brightness * (has_wall ? blood : 1 + 0.1f * coarse), cover(inside_mm, soft_mm));
  }
  layer.brightness.push_back(pixel.brightness);
  layer.share.push_back(pixel.share);
}

HeartLayer HeartPainter::paint(const HeartPhase& phase, const PicturePlane& picture) const {
  HeartLayer layer;
  if (phase.z_base_mm - picture.z_mm > kChambersMm || picture.z_mm - phase.z_apex_mm() > kApexFatMm)
    return layer;
  const Plane plane = plane_at(phase, picture);
  const CrossSection& section = plane.edges.section;
  layer.window = window_around(section.x_mm, section.y_mm, plane.radius_mm, picture);
  const auto& w = layer.window;
  const int64_t count =
      std::max<int64_t>(0, w.last_column - w.first_column + 1) * (w.last_row - w.first_row + 1);
  layer.brightness.reserve(static_cast<size_t>(std::max<int64_t>(0, count)));
  layer.share.reserve(layer.brightness.capacity());
  for (int64_t j = w.first_row; j <= w.last_row; ++j) {
    for (int64_t i = w.first_column; i <= w.last_column; ++i) {
      const auto p = picture.at(i, j);
      paint_pixel(plane, static_cast<float>(p[0] - section.x_mm),
                  static_cast<float>(p[1] - section.y_mm), layer);
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
