// SPDX-License-Identifier: Apache-2.0
// Where the heart lies in a stack: the segmenter looks at whole slices, and what most of its
// probability agrees on over all slices and phases is the heart.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/geometry/grid.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

struct LocateOptions {
  // Of the heart in the world (R, A, S); empty: the segmenter finds it.
  std::vector<double> center_mm;
  double min_heart_ml = 10;    // less than that is no heart
  double max_heart_ml = 3000;  // nor is more: the largest have half of it, cavities and walls
  double threshold = 0.3;      // of the probability of being heart, mean over the phases

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LocateOptions, center_mm, min_heart_ml, max_heart_ml, threshold)

struct Heart {
  Point center_mm = {0, 0, 0};  // world
  bool is_given = false;        // by the user; then what follows is not known
  // Corners of its box, inclusive, on the acquired grid.
  std::array<int64_t, 3> first_voxel = {0, 0, 0};
  std::array<int64_t, 3> last_voxel = {0, 0, 0};
  double volume_ml = 0;   // of everything above the threshold
  double confidence = 0;  // mean probability of being heart inside it, 0 to 1
};

// Throws Error when no heart is found, with the way out. Warns when the heart is wider than the
// patch of the segmenter. `batch_mib`: memory for the work of the network, in MiB.
Heart locate_heart(const Study& study, Segmenter& segmenter, const LocateOptions& options,
                   int64_t batch_mib = 512, const OnProgress& on_progress = {});

// Pixels per side of a square picture, in pixels of the rule, that holds a whole slice: a multiple
// of 32.
int64_t whole_slice_pixels(const Grid& grid, const InputRule& rule);

// foreground: [D, H, W], the probability of being heart, mean over the phases, on `grid`. The heart
// is the connected part above the threshold with the largest sum of probabilities; its center is
// their center of mass. Box voxels are those of `grid`. Throws Error if it is smaller than
// min_heart_ml or larger than max_heart_ml.
Heart heart_from_probabilities(const torch::Tensor& foreground, const Grid& grid,
                               const LocateOptions& options);

// Millimeters per side of the patches of a rule, cut from slices of this grid.
double patch_side_mm(const Grid& grid, const InputRule& rule);

// The center, moved as little as possible along columns and rows so that the box of the heart lies
// in a square of `side_mm` around it; where the box is larger, its middle. What fits already is not
// moved.
Point center_for_patch(const Heart& heart, const Grid& grid, double side_mm);

}  // namespace dmcvr
