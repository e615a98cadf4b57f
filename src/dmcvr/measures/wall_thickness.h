// SPDX-License-Identifier: Apache-2.0
// How thick the wall of the left ventricle is, segment by segment (aha_segments.h), and how much it
// thickens.
//
// In every plane the mean of the nearest ways from endocardium to epicardium and back, between
// outlines finer than pixels (polar_contour.h), at 120 angles each; a segment has the mean over its
// angles and planes. Both ways together, since either alone is biased where the outlines are not
// concentric (as the symmetric surface distance). Ways stay in the plane: where the wall is oblique
// to it, at the apex, they are longer than the wall is thick, as on any short-axis picture.
#pragma once

#include "dmcvr/measures/aha_segments.h"

#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct WallMeasures {
  SegmentValues ed_mm, es_mm;
  SegmentValues thickening_percent;  // (es - ed) / ed
  std::string problem;               // why something is missing, or empty
};

// Mean over the angles and planes of each segment; empty where no plane lies in its third. The
// division has no problem.
SegmentValues wall_thickness_mm(const LvDivision& division);

// In the phases ED and ES of the labels, planes at z_mm along their normal. Without a phase there
// are no values of it; each phase is divided by itself, since the base descends and the wall turns.
WallMeasures measure_wall(const Labels& labels, const std::vector<double>& z_mm,
                          const std::optional<size_t>& ed, const std::optional<size_t>& es);

}  // namespace dmcvr
