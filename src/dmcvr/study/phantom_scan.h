// SPDX-License-Identifier: Apache-2.0
// Everything between the options of a phantom and its pixels: the heart in its phases, and where
// the scanner looks.
#pragma once

#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/kspace.h"
#include "dmcvr/study/phantom.h"
#include "dmcvr/study/thorax.h"

#include <functional>
#include <vector>

namespace dmcvr {

using OnPhase = std::function<void()>;

struct Scan {
  HeartShape shape;
  std::vector<double> contractions;  // per phase
  std::vector<HeartPhase> phases;
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

// Fills in what the options leave to the seed.
Scan draw_scan(PhantomOptions& options);

// A short-axis plane, its picture shifted against the heart.
PicturePlane plane_at(const Scan& scan, double z_mm,
                      const std::array<double, 2>& shift_mm = {0, 0});

// What the coil makes of brightness 1: [N, rows, columns], in scanner units.
torch::Tensor gain_of(const Scan& scan, const Thorax& thorax,
                      const std::vector<PicturePlane>& planes);

// [N, rows, columns] uint8, decided at pixel centers.
torch::Tensor paint_labels(const Scan& scan, const HeartPhase& phase,
                           const std::vector<PicturePlane>& planes);

}  // namespace dmcvr
