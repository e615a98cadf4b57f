// SPDX-License-Identifier: Apache-2.0
// What the generator draws of a film, phase by phase: three codes per slice, codes between them,
// and the pictures of those. Nothing passes between phases but that they share batches, so what a
// phase needs is made when it is asked for, and forgotten behind it.
#pragma once

#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/conveyor.h"
#include "dmcvr/reconstruction/networks.h"
#include "dmcvr/reconstruction/plan.h"
#include "dmcvr/reconstruction/stages.h"

#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

// [M, P, P] unit values, one per plane to draw; undefined where there is none.
struct DrawnPictures {
  torch::Tensor patches;
  // What the segmenter reads: where drawing began at registered pictures, those, since they are
  // made of measured pixels as it learned them, and the generator moves nothing that it could
  // correct there; else the patches.
  torch::Tensor readable;
};

class DrawnFilm {
 public:
  // All of them have to outlive this. `options` are those of the plan.
  DrawnFilm(const Slices& slices, const Plan& plan, Networks& networks,
            const ReconstructOptions& options, Stages& stages);
  DrawnFilm(const DrawnFilm&) = delete;
  DrawnFilm& operator=(const DrawnFilm&) = delete;

  // In time order, before they are forgotten.
  DrawnPictures phase(int64_t phase_index);

  // Acquired slices drawn from their codes, [D, P, P], under the same terms.
  torch::Tensor round_trip(int64_t phase_index);

  // Phases up to this one are asked for no more.
  void forget(int64_t phase_index);

 private:
  Codes encode_slices(const Part& part);
  Codes codes_between(const Part& part);
  torch::Tensor label_slices(const Part& part);
  torch::Tensor registered(const Part& part);
  torch::Tensor drawn(const Part& part);
  torch::Tensor restored(const Part& part);

  const Slices& slices_;
  const Plan& plan_;
  Networks& networks_;
  const ReconstructOptions& options_;
  Stages& stages_;
  torch::Tensor patches_;  // [T D, 1, P, P]
  int64_t depth_;          // slices of a phase
  int64_t drawn_depth_;    // planes to draw in a phase
  Conveyor<Codes> codes_;
  Conveyor<Codes> between_;
  Conveyor<torch::Tensor> acquired_labels_;
  Conveyor<torch::Tensor> starts_;
  Conveyor<torch::Tensor> pictures_;
  Conveyor<torch::Tensor> restored_;
};

}  // namespace dmcvr
