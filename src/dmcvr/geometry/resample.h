// SPDX-License-Identifier: Apache-2.0
// Values of pictures between their pixels. A voxel is taken as a box: up to half a voxel beyond the
// outermost centers its value holds, farther out is `outside`. Sampling at a center returns the
// voxel itself, bit by bit, so that resampling to the same grid is the identity.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/geometry/volume.h"

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

// Cubic is the spline through the pixels (spline.h), never beyond the range of its slice; in the
// plane of a slice alone.
enum class Interpolation { nearest, linear, cubic };

// ---- in space ----

// The picture at the centers of `grid`. Nothing is smoothed when the grid is coarser.
Volume resample(const Volume& volume, const Grid& grid,
                Interpolation interpolation = Interpolation::linear, double outside = 0);
Cine resample(const Cine& cine, const Grid& grid,
              Interpolation interpolation = Interpolation::linear, double outside = 0);
// The nearest label; 0 outside.
Labels resample(const Labels& labels, const Grid& grid);

// ---- in the plane of a slice ----

// p -> matrix p + offset for points (column, row), pixel centers at whole numbers.
struct PlaneAffine {
  std::array<std::array<double, 2>, 2> matrix = {{{1, 0}, {0, 1}}};
  std::array<double, 2> offset = {0, 0};

  std::array<double, 2> operator()(const std::array<double, 2>& p) const;
};

PlaneAffine operator*(const PlaneAffine& a, const PlaneAffine& b);  // a after b
PlaneAffine inverse(const PlaneAffine& a);                          // throws Error if singular

struct ResampleInPlaneOptions {
  Interpolation interpolation = Interpolation::linear;
  double outside = 0;
  // Where an output pixel covers s > 1 input pixels along one of its axes, it is the mean of
  // ceil(s), at most 16, samples along that axis instead of one. Without effect on nearest.
  bool antialias = true;
};

// Slices [N, H, W] -> [N, size[1], size[0]], with size = columns, rows. float32 or uint8 on the
// CPU; uint8 takes nearest only.
torch::Tensor resample_in_plane(const torch::Tensor& slices, const PlaneAffine& slice_from_output,
                                const std::array<int64_t, 2>& size,
                                const ResampleInPlaneOptions& options = {});

}  // namespace dmcvr
