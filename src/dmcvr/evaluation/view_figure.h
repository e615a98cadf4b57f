// SPDX-License-Identifier: Apache-2.0
// What the long-axis views of one case look like: in each of at most two phases the true views,
// and beside them what the methods show in their planes.
#pragma once

#include "dmcvr/evaluation/reslice.h"
#include "dmcvr/evaluation/view_scores.h"
#include "dmcvr/figures/picture.h"

#include <string>
#include <vector>

namespace dmcvr {

// One method in all views, in their order.
struct NamedReslices {
  std::string method;
  std::vector<Reslice> views;
};

// A row per phase of the study and view. Answers end where the stack ends, and are shown as bright
// as the view, since a scanner takes it apart from the slices. Captions have Dice inside the stack.
Picture view_figure(const Study& study, const std::vector<ViewTruth>& truths,
                    const std::vector<NamedReslices>& answers);

// "shape 0.82 0.66 -": Dice of LVC, LVM and RVC in labels [h, w] uint8 where `inside` [h, w] bool
// holds, as tables have it; a dash for what the truth lacks there.
std::string view_caption(const std::string& method, const torch::Tensor& labels,
                         const torch::Tensor& truth, const torch::Tensor& inside);

}  // namespace dmcvr
