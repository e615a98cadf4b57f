// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/contest.h"

#include "dmcvr/metrics/statistics.h"

#include <algorithm>

namespace dmcvr {
namespace {

constexpr int64_t kBoxMarginPixels = 10;

}  // namespace

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
