// SPDX-License-Identifier: Apache-2.0
// The segmenter as a judge: the same patches, brightness and clean-up for every picture of a study,
// whoever made it.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/evaluation/contest.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/networks.h"
#include "dmcvr/reconstruction/plan.h"

#include <torch/types.h>

namespace dmcvr {

struct Evaluator {
  Slices slices;                   // of the given study
  Point center_mm{};               // of the patches
  Segmenter* segmenter = nullptr;  // not owned
  CleanupOptions cleanup;
  int64_t batch_size = 1;
};

// The heart is found in the given slices. Throws Error where there is none.
Evaluator make_evaluator(const Study& given, Networks& networks, const ReconstructOptions& options);

// Pictures of whole stacks [T, D, H, W] in scanner units, in the plane of the given slices ->
// labels [T, D, H, W] uint8, each phase cleaned up as a whole. Progress counts pictures.
torch::Tensor label_stack(const Evaluator& evaluator, const torch::Tensor& pictures,
                          const OnProgress& on_progress = {});

// Probabilities in the given slices, [T, D, 4, H, W], background first and outside the patch.
torch::Tensor given_probabilities(const Evaluator& evaluator, const OnProgress& on_progress = {});

}  // namespace dmcvr
