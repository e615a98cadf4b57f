// SPDX-License-Identifier: Apache-2.0
// What every protocol comes down to: some slices are given, some planes are asked for, and what
// lies there is known to the judge alone.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/reconstruction/planes.h"
#include "dmcvr/study/study.h"

#include <torch/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace dmcvr {

// All that a method may see. Planes are those of planes.grid, D' of them.
struct Question {
  Study given;                   // its labels, where it has any, are the experts'
  DensePlanes planes;            // of which `given` holds the acquired ones
  double slice_spacing_mm = 0;   // ReconstructOptions that give the same planes
  std::vector<int64_t> asked;    // planes, rising
  std::vector<double> asked_mm;  // their positions along the stack

  bool asks_for_given() const { return asked == planes.acquired_planes; }
};

// pictures: there are no labels.
enum class TruthSource { experts, segmenter, phantom, pictures };

struct Truth {
  torch::Tensor images;     // [T, D', H, W] float32, scanner units; all planes
  std::vector<double> p98;  // of the acquired slices, per phase
  TruthSource source = TruthSource::segmenter;
  torch::Tensor labels;  // [T, D', H, W] uint8; undefined until somebody labels the images
  // As Study::drawn, of the experts; empty: all. What they did not draw is not scored.
  std::vector<std::set<int64_t>> drawn;
  torch::Tensor box;  // [T, D', H, W] bool: around the labels; undefined like them
};

struct Contest {
  Question question;
  Truth truth;
};

// The labels that were drawn in a phase: those of label_table() unless `drawn` says less.
std::set<int64_t> drawn_labels(const Truth& truth, int64_t phase);

// `labels`, of the phase `phase`, where those that were not drawn have become background.
torch::Tensor only_drawn(const torch::Tensor& labels, const Truth& truth, int64_t phase);

// The voxels around and between labels [T, D, H, W]: for each phase their box, grown by 10 pixels
// in the plane. [T, D, H, W] bool, empty in phases without labels.
torch::Tensor heart_boxes(const torch::Tensor& labels);

// The 98th percentile of each phase of [T, D, H, W].
std::vector<double> percentiles_98(const torch::Tensor& images);

}  // namespace dmcvr
