// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/validation.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/dataset/augmentation.h"
#include "dmcvr/dataset/batches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

constexpr int64_t kSlicesPerPass = 8;  // Whole fields of view: larger batches only cost memory.

struct Counts {
  std::array<double, kLabelCount> both{}, truth{}, predicted{};
};

// The whole slice at the pixel size of the rule, its middle in the middle of the patch.
Sample whole_slice(const PackedSlice& slice, double step) {
  const auto padded = [&](int64_t size) {
    return (static_cast<int64_t>(std::ceil(static_cast<double>(size) / step)) + 31) / 32 * 32;
  };
  const int64_t rows = padded(slice.image.size(0)), columns = padded(slice.image.size(1));
  Placement placement;
  placement.step = step;
  placement.row = static_cast<double>(slice.image.size(0) - 1) / 2;
  placement.column = static_cast<double>(slice.image.size(1) - 1) / 2;
  if (step == 1) {  // Half a pixel aside, so that nothing is interpolated.
    placement.row += (rows - slice.image.size(0)) % 2 == 0 ? 0 : 0.5;
    placement.column += (columns - slice.image.size(1)) % 2 == 0 ? 0 : 0.5;
  }
  return cut_patch(slice, placement, rows, columns);
}

void count_overlap(const torch::Tensor& predicted, const torch::Tensor& truth, Counts& counts) {
  for (int64_t label = 1; label < kLabelCount; ++label) {
    const auto a = predicted == label, b = truth == label;
    counts.both[label] += (a & b).sum().item<double>();
    counts.predicted[label] += a.sum().item<double>();
    counts.truth[label] += b.sum().item<double>();
  }
}

}  // namespace

Validation validate_segmentation(const PackedSlices& packed, const InputRule& rule,
                                 const SegmentFunction& segment) {
  torch::NoGradGuard no_grad;

  // Slices of one size go through together; their counts go to their stacks.
  using StackKey = std::pair<int64_t, int64_t>;  // case, phase
  std::map<StackKey, Counts> stacks;
  std::map<std::pair<int64_t, int64_t>, std::vector<const PackedSlice*>> by_size;
  for (const auto& slice : packed.slices) {
    if (slice.labels.defined())
      by_size[{slice.image.size(0), slice.image.size(1)}].push_back(&slice);
  }
  const double step = rule.spacing_mm > 0 ? rule.spacing_mm / packed.spacing_mm : 1;
  for (const auto& [size, slices] : by_size) {
    for (size_t begin = 0; begin < slices.size(); begin += kSlicesPerPass) {
      const size_t end = std::min(slices.size(), begin + static_cast<size_t>(kSlicesPerPass));
      std::vector<torch::Tensor> images, labels;
      for (size_t i = begin; i < end; ++i) {
        const auto sample = whole_slice(*slices[i], step);
        images.push_back(sample.image.unsqueeze(0));
        labels.push_back(sample.labels);
      }
      const auto logits = segment(network_from_unit(torch::stack(images), rule));  // [N, 4, H, W]
      const auto predicted = logits.argmax(1).to(torch::kUInt8).cpu();             // [N, H, W]
      for (size_t i = begin; i < end; ++i) {
        const auto k = static_cast<int64_t>(i - begin);
        count_overlap(predicted[k], labels[k],
                      stacks[{slices[i]->case_index, slices[i]->phase_index}]);
      }
    }
  }

  Validation validation;
  for (const auto& [label, name] : label_table()) {
    double sum = 0;
    int64_t count = 0;
    for (const auto& [key, counts] : stacks) {
      const double size = counts.truth[label] + counts.predicted[label];
      if (size == 0) continue;
      sum += 2 * counts.both[label] / size;
      ++count;
    }
    const double dice = count > 0 ? sum / static_cast<double>(count) : 0;
    validation.details[name] = dice;
    validation.score += dice / static_cast<double>(label_table().size());
  }
  validation.details["stacks"] = stacks.size();
  return validation;
}

}  // namespace dmcvr
