// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/polar_contour.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace dmcvr {
namespace {

constexpr double kHalfTurn = 3.14159265358979323846;
constexpr size_t kWaves = 8;
constexpr double kSmoothedPixels = 1.5;
// So near to the center a pixel is seen under a wide angle, and is taken apart.
constexpr double kNearPixels = 6;
constexpr int kParts = 8;  // per axis

// From p to the segment a b.
double distance_to_segment(const PlanePoint& p, const PlanePoint& a, const PlanePoint& b) {
  const double dx = b[0] - a[0], dy = b[1] - a[1];
  const double squared = dx * dx + dy * dy;
  const double along =
      squared > 0 ? std::clamp(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared, 0.0, 1.0) : 0;
  return std::hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy);
}

}  // namespace

double contour_angle(size_t n) {
  return 2 * kHalfTurn * static_cast<double>(n) / static_cast<double>(kContourAngles);
}

PlanePoint PolarContour::at(size_t n) const {
  const double angle = contour_angle(n), radius = radius_mm[n % kContourAngles];
  return {center[0] + radius * std::cos(angle), center[1] + radius * std::sin(angle)};
}

double PolarContour::radius_at(double angle) const {
  const double turns = angle / (2 * kHalfTurn);
  const double place = (turns - std::floor(turns)) * static_cast<double>(kContourAngles);
  const auto n = static_cast<size_t>(place);
  const double share = place - static_cast<double>(n);
  return (1 - share) * radius_mm[n % kContourAngles] + share * radius_mm[(n + 1) % kContourAngles];
}

PolarContour polar_contour(const std::vector<PlanePoint>& pixels, const PlanePoint& center,
                           const std::array<double, 2>& spacing_mm) {
  PolarContour contour;
  contour.center = center;
  if (pixels.empty()) return contour;

  // How the area is spread over the angle.
  const double pixel_mm2 = spacing_mm[0] * spacing_mm[1];
  std::array<std::complex<double>, kWaves + 1> c{};
  const auto add = [&](const std::complex<double>& offset, double mm2) {
    c[0] += mm2;
    if (std::abs(offset) < 1e-9) return;  // lies on all sides alike
    const std::complex<double> step = std::conj(offset) / std::abs(offset);
    std::complex<double> turned = mm2;
    for (size_t k = 1; k <= kWaves; ++k) c[k] += turned *= step;
  };
  for (const PlanePoint& pixel : pixels) {
    const std::complex<double> offset(pixel[0] - center[0], pixel[1] - center[1]);
    const bool is_near = std::abs(offset) < kNearPixels * std::max(spacing_mm[0], spacing_mm[1]);
    const int parts = is_near ? kParts : 1;
    for (int i = 0; i < parts; ++i) {
      for (int j = 0; j < parts; ++j) {
        const std::complex<double> part(((i + 0.5) / parts - 0.5) * spacing_mm[0],
                                        ((j + 0.5) / parts - 0.5) * spacing_mm[1]);
        add(offset + part, pixel_mm2 / (parts * parts));
      }
    }
  }

  // Smooth along the outline, and read the radii.
  const double mean_radius_mm = std::sqrt(c[0].real() / kHalfTurn);
  const double deviation = kSmoothedPixels * std::sqrt(pixel_mm2) / mean_radius_mm;  // radians
  for (size_t k = 1; k <= kWaves; ++k)
    c[k] *= std::exp(-0.5 * std::pow(static_cast<double>(k) * deviation, 2));
  for (size_t n = 0; n < kContourAngles; ++n) {
    double squared = c[0].real();
    for (size_t k = 1; k <= kWaves; ++k)
      squared += 2 * (c[k] * std::polar(1.0, static_cast<double>(k) * contour_angle(n))).real();
    contour.radius_mm[n] = std::sqrt(std::max(squared, 0.0) / kHalfTurn);
  }
  return contour;
}

std::array<double, kContourAngles> nearest_distances_mm(const PolarContour& from,
                                                        const PolarContour& to) {
  std::array<PlanePoint, kContourAngles + 1> polygon{};
  for (size_t n = 0; n <= kContourAngles; ++n) polygon[n] = to.at(n);
  std::array<double, kContourAngles> distances{};
  for (size_t n = 0; n < kContourAngles; ++n) {
    const PlanePoint p = from.at(n);
    double nearest = distance_to_segment(p, polygon[0], polygon[1]);
    for (size_t m = 1; m < kContourAngles; ++m)
      nearest = std::min(nearest, distance_to_segment(p, polygon[m], polygon[m + 1]));
    distances[n] = nearest;
  }
  return distances;
}

}  // namespace dmcvr
