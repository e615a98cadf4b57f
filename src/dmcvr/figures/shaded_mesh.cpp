// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/shaded_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

constexpr int64_t kSamples = 3;  // per pixel and axis
// Shares of the light that comes from everywhere, from the lamp, and back from smooth spots.
constexpr double kAmbient = 0.28, kDiffuse = 0.72, kGloss = 0.18;
constexpr double kSharpness = 24;
constexpr Point kToLamp = {-0.45, -0.55, -0.71};  // right, down, away

// A vertex as the camera sees it: columns, rows, mm away; its normal likewise.
struct Seen {
  Point place, normal;
};

std::vector<Seen> seen_by(const Camera& camera, const Mesh& mesh) {
  const Point away = cross(camera.right, camera.down);
  const double per_mm = static_cast<double>(kSamples) / camera.mm_per_pixel;
  const double middle_column = 0.5 * static_cast<double>(kSamples * camera.width);
  const double middle_row = 0.5 * static_cast<double>(kSamples * camera.height);
  const auto normals = vertex_normals(mesh);
  std::vector<Seen> seen;
  for (size_t n = 0; n < mesh.vertices.size(); ++n) {
    const Point p = minus(mesh.vertices[n], camera.center);
    seen.push_back(
        {{middle_column + per_mm * dot(p, camera.right), middle_row + per_mm * dot(p, camera.down),
          dot(p, away)},
         {dot(normals[n], camera.right), dot(normals[n], camera.down), dot(normals[n], away)}});
  }
  return seen;
}

double light_on(const Point& normal) {
  const Point to_lamp = unit_vector(kToLamp);
  const double toward = std::max(0.0, dot(normal, to_lamp));
  const Point between = unit_vector(plus(to_lamp, {0, 0, -1}));
  const double spot = std::pow(std::max(0.0, dot(normal, between)), kSharpness);
  return kAmbient + kDiffuse * toward + kGloss * spot;
}

// The nearest front of one surface: how far, and how bright.
struct Front {
  std::vector<float> mm, light;
};

// `twice_area` of the triangle a, b, c on the picture, negative for those seen from behind.
double twice_area(const Point& a, const Point& b, const Point& c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

void draw_triangle(const std::array<Seen, 3>& corners, int64_t height, int64_t width,
                   Front& front) {
  const auto& [a, b, c] = corners;
  const double area = twice_area(a.place, b.place, c.place);
  if (area == 0) return;
  const auto span = [](double low, double high, int64_t size) {
    return std::array<int64_t, 2>{
        std::max<int64_t>(0, static_cast<int64_t>(std::ceil(low - 0.5))),
        std::min<int64_t>(size - 1, static_cast<int64_t>(std::floor(high - 0.5)))};
  };
  const auto [left, right] = std::minmax({a.place[0], b.place[0], c.place[0]});
  const auto [top, bottom] = std::minmax({a.place[1], b.place[1], c.place[1]});
  const auto columns = span(left, right, width), rows = span(top, bottom, height);
  for (int64_t row = rows[0]; row <= rows[1]; ++row) {
    for (int64_t column = columns[0]; column <= columns[1]; ++column) {
      const Point p = {static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5, 0};
      const double in_a = twice_area(p, b.place, c.place) / area;
      const double in_b = twice_area(a.place, p, c.place) / area;
      const double in_c = 1 - in_a - in_b;
      if (in_a < 0 || in_b < 0 || in_c < 0) continue;
      const double mm = in_a * a.place[2] + in_b * b.place[2] + in_c * c.place[2];
      const auto n = static_cast<size_t>(row * width + column);
      if (mm >= static_cast<double>(front.mm[n])) continue;
      const Point normal =
          plus(plus(times(in_a, a.normal), times(in_b, b.normal)), times(in_c, c.normal));
      front.mm[n] = static_cast<float>(mm);
      front.light[n] =
          static_cast<float>(length(normal) > 0 ? light_on(unit_vector(normal)) : kAmbient);
    }
  }
}

Front front_of(const Mesh& mesh, const Camera& camera) {
  const int64_t height = kSamples * camera.height, width = kSamples * camera.width;
  const auto count = static_cast<size_t>(height * width);
  Front front{std::vector<float>(count, std::numeric_limits<float>::infinity()),
              std::vector<float>(count, 0)};
  const auto seen = seen_by(camera, mesh);
  for (const auto& triangle : mesh.triangles) {
    draw_triangle({seen[static_cast<size_t>(triangle[0])], seen[static_cast<size_t>(triangle[1])],
                   seen[static_cast<size_t>(triangle[2])]},
                  height, width, front);
  }
  return front;
}

}  // namespace

Picture draw_surfaces(const std::vector<ShadedSurface>& surfaces, const Camera& camera,
                      const Color& background) {
  const int64_t height = kSamples * camera.height, width = kSamples * camera.width;
  auto samples = blank_picture(height, width, background).rgb;
  auto* rgb = samples.data_ptr<float>();
  std::vector<float> nearest(static_cast<size_t>(height * width),
                             std::numeric_limits<float>::infinity());
  // What hides first, then what is seen through.
  for (const bool is_opaque : {true, false}) {
    for (const ShadedSurface& surface : surfaces) {
      if ((surface.opacity >= 1) != is_opaque || surface.mesh.triangles.empty()) continue;
      const Front front = front_of(surface.mesh, camera);
      const std::array<double, 3> color = {surface.color.red, surface.color.green,
                                           surface.color.blue};
      const double share = std::clamp(surface.opacity, 0.0, 1.0);
      for (size_t n = 0; n < nearest.size(); ++n) {
        if (!(front.mm[n] < nearest[n])) continue;
        if (is_opaque) nearest[n] = front.mm[n];
        for (size_t part = 0; part < 3; ++part) {
          float& value = rgb[3 * n + part];
          const double lit = std::min(1.0, color[part] * static_cast<double>(front.light[n]));
          value = static_cast<float>((1 - share) * static_cast<double>(value) + share * lit);
        }
      }
    }
  }
  const auto blocks = samples.view({camera.height, kSamples, camera.width, kSamples, 3});
  return {blocks.mean(std::vector<int64_t>{1, 3}).contiguous()};
}

}  // namespace dmcvr
