// SPDX-License-Identifier: Apache-2.0
// A stack with experts' labels, too small for any real network.
#pragma once

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"
#include "dmcvr/reconstruction/plan.h"

namespace dmcvr::test {

// Blobs with rings of labels in the middle that differ from slice to slice.
inline Study tiny_labeled_study(int64_t phases = 2, int64_t slices = 5) {
  Study study = tiny_study(phases, slices, 9);
  study.labels = Labels{study.sax.grid, torch::zeros(study.sax.voxels.sizes(), torch::kUInt8)};
  for (int64_t t = 0; t < phases; ++t) {
    for (int64_t k = 0; k < slices; ++k) {
      auto labels = study.labels->voxels[t][k];  // [40, 44]
      labels.slice(0, 10 + k, 28 - t).slice(1, 14, 30 - k).fill_(kLvm);
      labels.slice(0, 14 + k, 24 - t).slice(1, 18, 26 - k).fill_(kLvc);
      labels.slice(0, 14, 24).slice(1, 4 + k, 10).fill_(kRvc);
    }
  }
  return study;
}

// The answer of a method that knows everything.
inline Answer truth_as_answer(const Contest& contest) {
  const auto planes = torch::tensor(contest.question.asked);
  return {contest.truth.images.index_select(1, planes),
          contest.truth.labels.index_select(1, planes)};
}

// The untrained segmenter finds no heart: its center is given.
inline ReconstructOptions tiny_options(const Study& study) {
  ReconstructOptions options;
  options.solver.nodes = 3;
  const Point center = middle_of(study.sax.grid);
  options.locate.center_mm = {center[0], center[1], center[2]};
  return options;
}

}  // namespace dmcvr::test
