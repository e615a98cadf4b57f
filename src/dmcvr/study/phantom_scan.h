// SPDX-License-Identifier: Apache-2.0
// Everything between the options of a phantom and its pixels: what lies before the scanner, and
// where it looks.
#pragma once

#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/kspace.h"
#include "dmcvr/study/phantom.h"
#include "dmcvr/study/thorax.h"

#include <ATen/core/Generator.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace dmcvr {

using OnPhase = std::function<void()>;

// A heart of formulas, or a painted label map (painted_map.h). Both functions are called by several
// threads.
struct Subject {
  // The heart in a thin plane, ready to be laid over the chest.
  std::function<HeartLayer(int64_t phase_index, const PicturePlane&)> paint;
  // [rows, columns] uint8, decided at pixel centers.
  std::function<torch::Tensor(int64_t phase_index, const PicturePlane&)> labels;
};

// Of the left ventricle, in the frame that slices are planes of equal z of.
struct LongAxis {
  Point base_mm = {0, 0, 0};
  std::array<double, 2> lean = {0, 0};  // x and y per z
  double length_mm = 90;                // along z
  // Of the columns of the 2ch, 3ch and 4ch views about z, from x to y, radians.
  std::array<double, 3> view_angles = {0, 0, 0};

  Point at(double z_mm) const;  // z from the base
};

struct Scan {
  LongAxis axis;
  int64_t es_index = 0;
  double beat_ms = 900;
  PicturePlane picture;            // without z
  std::vector<double> slice_z_mm;  // in the order of the slices
  Grid grid;
  Affine world_from_heart;
  Contrast contrast;
  ThoraxShape room;  // the chest wall gives room to the heart, and the diaphragm carries it
  Band band;
  double scanner_units = 400;  // of brightness 1
};

struct HeartScan {
  HeartShape shape;
  std::vector<HeartPhase> phases;
  Scan scan;
};

// The scan of a heart of formulas. Fills in what the options leave to the seed.
HeartScan draw_scan(PhantomOptions& options);

// Parts of that, for other subjects, in this order; they draw from `generator`. Slices from above
// `top_mm` to below `bottom_mm`, pixels, pictures around the middle of the axis, the band; the
// options are filled in.
void draw_pictures(Scan& scan, double top_mm, double bottom_mm, PhantomOptions& options,
                   at::Generator& generator);
// The grid, where world_from_heart is known, and the scanner's units.
void draw_grid(Scan& scan, const PhantomOptions& options, at::Generator& generator);

// A short-axis plane, its picture shifted against the heart.
PicturePlane plane_at(const Scan& scan, double z_mm,
                      const std::array<double, 2>& shift_mm = {0, 0});

// What the coil makes of brightness 1: [N, rows, columns], in scanner units.
torch::Tensor gain_of(const Scan& scan, const Thorax& thorax,
                      const std::vector<PicturePlane>& planes);

// [N, rows, columns] uint8.
torch::Tensor labels_of(const Subject& subject, int64_t phase_index,
                        const std::vector<PicturePlane>& planes);

}  // namespace dmcvr
