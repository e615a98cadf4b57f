// SPDX-License-Identifier: Apache-2.0
// The left ventricle in 16 segments: Cerqueira et al., Circulation 2002;105:539-542, without the
// apical cap.
//
// Along the ventricle three equal thirds, base, middle and apex, of the planes in which muscle
// surrounds the cavity. Around it six segments of 60 degrees, in the apical third four of 90,
// counted counter-clockwise as seen from the apex. Where they begin is told from the right
// ventricle (RV): the angle at which its contact with the left one begins in that direction is the
// anterior insertion, the border between anterior (1, 7) and anteroseptal (2, 8) wall. Angles are
// taken around the center of the cavity in every plane; the insertion is the circular median over
// the basal and middle planes. Base and apex are told from the labels, left and right from the
// world, so that neither the order of slices nor the hand of the grid matters. Where a stack lies
// along the axes of the world, its orientation is a placeholder (ACDC's headers claim the mirror
// image): then its pictures are taken as they are shown, columns to the right and rows downwards,
// seen from the apex.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/measures/polar_contour.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

constexpr size_t kAhaSegments = 16;

struct AhaSegment {
  std::string level;  // "basal", "mid", "apical"
  std::string wall;   // "anterior", "anteroseptal", …
};

// Segment n is at [n - 1].
const std::array<AhaSegment, kAhaSegments>& aha_segments();

// The segment, from 0, of a level (0 basal, 1 mid, 2 apical) so many radians beyond the anterior
// insertion, counter-clockwise as seen from the apex: 0 to pi / 3 is anteroseptal.
size_t aha_segment(size_t level, double beyond_insertion);

// A value per segment; empty where it is not known.
using SegmentValues = std::array<std::optional<double>, kAhaSegments>;

// A plane in which muscle surrounds the cavity.
struct LvPlane {
  int64_t plane = 0;  // of the grid
  size_t level = 0;   // 0 basal, 1 mid, 2 apical
  PolarContour endocardium, epicardium;
};

// One phase, divided.
struct LvDivision {
  std::vector<LvPlane> planes;  // from base to apex
  int turn = 1;          // 1 where angles from columns to rows grow counter-clockwise, else -1
  double insertion = 0;  // the anterior one, as an angle that grows counter-clockwise
  std::string problem;   // why there is no division, or empty

  // The segment, from 0, at an angle from columns to rows.
  size_t segment_at(size_t level, double angle) const;
};

// Whether the apex lies where the slice index grows: there the labels of all phases grow fewer.
bool apex_is_last(const Labels& labels);

// Of one phase [D, H, W] of labels on `grid`, planes at z_mm along their normal. There is none
// with fewer than three planes in which muscle surrounds the cavity, or without an RV that touches
// the left ventricle over 30 degrees in one of the basal or middle planes.
LvDivision divide_lv(const torch::Tensor& voxels, const Grid& grid, const std::vector<double>& z_mm,
                     bool apex_is_last);

}  // namespace dmcvr
