// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/contest.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/metrics/statistics.h"

#include <algorithm>

namespace dmcvr {
namespace {

constexpr int64_t kBoxMarginPixels = 10;

}  // namespace

std::set<int64_t> drawn_labels(const Truth& truth, int64_t phase) {
  if (!truth.drawn.empty()) return truth.drawn[static_cast<size_t>(phase)];
  std::set<int64_t> all;
  for (const auto& [label, name] : label_table()) all.insert(label);
  return all;
}

torch::Tensor only_drawn(const torch::Tensor& labels, const Truth& truth, int64_t phase) {
  if (truth.drawn.empty()) return labels;
  auto kept = torch::zeros_like(labels);
  for (const int64_t label : drawn_labels(truth, phase)) kept.masked_fill_(labels == label, label);
  return kept;
}

torch::Tensor heart_boxes(const torch::Tensor& labels) {
  auto boxes = torch::zeros(labels.sizes(), torch::kBool);
  for (int64_t t = 0; t < labels.size(0); ++t) {
    const auto places = (labels[t] > 0).nonzero();  // [N, 3]
    if (places.numel() == 0) continue;
    auto part = boxes[t];
    for (int64_t axis = 0; axis < 3; ++axis) {
      const auto along = places.select(1, axis);
      const int64_t margin = axis == 0 ? 0 : kBoxMarginPixels;
      const int64_t first = std::max<int64_t>(along.min().item<int64_t>() - margin, 0);
      const int64_t last =
          std::min(along.max().item<int64_t>() + margin, labels.size(axis + 1) - 1);
      part = part.slice(axis, first, last + 1);
    }
    part.fill_(true);
  }
  return boxes;
}

std::vector<double> percentiles_98(const torch::Tensor& images) {
  std::vector<double> result;
  for (int64_t t = 0; t < images.size(0); ++t) result.push_back(percentile(images[t], 98));
  return result;
}

}  // namespace dmcvr
