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

constexpr size_t kSlicesPerPass = 8;  // Whole fields of view: larger batches only cost memory.

struct Counts {
  std::array<double, kLabelCount> both{}, truth{}, predicted{};
};

// A part of a slice that goes through the network.
struct View {
  const PackedSlice* slice;
  Placement placement;
  int64_t rows = 0;
  int64_t columns = 0;
};

// The whole slice at the pixel size of the rule, its middle in the middle of the view.
View whole_slice(const PackedSlice& slice, double step) {
  const auto padded = [&](int64_t size) {
    return (static_cast<int64_t>(std::ceil(static_cast<double>(size) / step)) + 31) / 32 * 32;
  };
  View view{&slice, {}, padded(slice.image.size(0)), padded(slice.image.size(1))};
  view.placement.step = step;
  view.placement.row = static_cast<double>(slice.image.size(0) - 1) / 2;
  view.placement.column = static_cast<double>(slice.image.size(1) - 1) / 2;
  if (step == 1) snap_to_pixels(view.placement, view.rows, view.columns);
  return view;
}

View heart_patch(const PackedSlice& slice, const std::pair<double, double>& center, double step,
                 int64_t size) {
  View view{&slice, {}, size, size};
  view.placement.step = step;
  view.placement.row = center.first;
  view.placement.column = center.second;
  if (step == 1) snap_to_pixels(view.placement, view.rows, view.columns);
  return view;
}

void count_overlap(const torch::Tensor& predicted, const torch::Tensor& truth, Counts& counts) {
  for (int64_t label = 1; label < kLabelCount; ++label) {
    const auto a = predicted == label, b = truth == label;
    counts.both[label] += (a & b).sum().item<double>();
    counts.predicted[label] += a.sum().item<double>();
    counts.truth[label] += b.sum().item<double>();
  }
}

using StackKey = std::pair<int64_t, int64_t>;  // case, phase

// Views of one size go through together; their counts go to their stacks.
std::map<StackKey, Counts> count_stacks(const std::vector<View>& views, const InputRule& rule,
                                        const SegmentFunction& segment) {
  std::map<std::pair<int64_t, int64_t>, std::vector<const View*>> by_size;
  for (const View& view : views) by_size[{view.rows, view.columns}].push_back(&view);

  std::map<StackKey, Counts> stacks;
  for (const auto& [size, equal] : by_size) {
    for (size_t begin = 0; begin < equal.size(); begin += kSlicesPerPass) {
      const size_t end = std::min(equal.size(), begin + kSlicesPerPass);
      std::vector<torch::Tensor> images, labels;
      for (size_t i = begin; i < end; ++i) {
        const auto sample =
            cut_patch(*equal[i]->slice, equal[i]->placement, size.first, size.second);
        images.push_back(sample.image.unsqueeze(0));
        labels.push_back(sample.labels);
      }
      const auto logits = segment(network_from_unit(torch::stack(images), rule));  // [N, 4, H, W]
      const auto predicted = logits.argmax(1).to(torch::kUInt8).cpu();             // [N, H, W]
      for (size_t i = begin; i < end; ++i) {
        const auto& slice = *equal[i]->slice;
        count_overlap(predicted[static_cast<int64_t>(i - begin)], labels[i - begin],
                      stacks[{slice.case_index, slice.phase_index}]);
      }
    }
  }
  return stacks;
}

// By structure: the mean over the stacks that hold it in truth or prediction; 0 if none does.
std::map<std::string, double> mean_dice(const std::map<StackKey, Counts>& stacks) {
  std::map<std::string, double> dice;
  for (const auto& [label, name] : label_table()) {
    double sum = 0;
    int64_t count = 0;
    for (const auto& [key, counts] : stacks) {
      const double size = counts.truth[label] + counts.predicted[label];
      if (size == 0) continue;
      sum += 2 * counts.both[label] / size;
      ++count;
    }
    dice[name] = count > 0 ? sum / static_cast<double>(count) : 0;
  }
  return dice;
}

}  // namespace

Validation validate_segmentation(const PackedSlices& packed, const InputRule& rule,
                                 const SegmentFunction& segment) {
  torch::NoGradGuard no_grad;
  const auto centers = heart_centers(packed.slices);
  std::vector<View> patches, fields;
  for (size_t i = 0; i < packed.slices.size(); ++i) {
    const PackedSlice& slice = packed.slices[i];
    if (!slice.labels.defined()) continue;
    const double step = rule.spacing_mm > 0 ? rule.spacing_mm / slice.spacing_mm : 1;
    patches.push_back(heart_patch(slice, centers[i], step, rule.patch_size));
    fields.push_back(whole_slice(slice, step));
  }

  const auto on_patches = count_stacks(patches, rule, segment);
  Validation validation;
  for (const auto& [name, dice] : mean_dice(on_patches)) {
    validation.details[name] = dice;
    validation.score += dice / static_cast<double>(label_table().size());
  }
  validation.details["field"] = mean_dice(count_stacks(fields, rule, segment));
  validation.details["stacks"] = on_patches.size();
  return validation;
}

}  // namespace dmcvr
