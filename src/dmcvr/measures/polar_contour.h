// SPDX-License-Identifier: Apache-2.0
// Outlines finer than pixels. A region R around a center is described by how its area is spread
// over the angle: c_k = sum over its pixels of exp(-i k angle) pixel area, and then
//   radius(angle)^2 = (c_0 + 2 Re sum_k c_k exp(i k angle)) / pi,
// since c_k is the Fourier coefficient of radius^2 / 2. Area and center are kept; what is finer
// than eight waves around, or than one and a half pixels along the outline, is smoothed away. Right
// for a region that every ray from the center leaves once; else the ray's share inside counts.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace dmcvr {

// Millimeters along the columns and the rows of a grid.
using PlanePoint = std::array<double, 2>;

constexpr size_t kContourAngles = 120;

// Radii in mm at evenly spaced angles, the first along the columns, then toward the rows.
struct PolarContour {
  PlanePoint center = {0, 0};
  std::array<double, kContourAngles> radius_mm = {};

  PlanePoint at(size_t n) const;         // the point at the n-th angle, counted around
  double radius_at(double angle) const;  // linear between angles
};

double contour_angle(size_t n);  // radians

// Of the region of pixels with these centers; 0 everywhere for no pixels.
PolarContour polar_contour(const std::vector<PlanePoint>& pixels, const PlanePoint& center,
                           const std::array<double, 2>& spacing_mm);

// From the points of one outline to the other one, the nearest way: mm per angle of the former.
std::array<double, kContourAngles> nearest_distances_mm(const PolarContour& from,
                                                        const PolarContour& to);

}  // namespace dmcvr
