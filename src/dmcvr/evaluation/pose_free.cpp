// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/pose_free.h"

#include "dmcvr/core/label_table.h"

#include <algorithm>

namespace dmcvr {
namespace {

using Counts = std::array<int64_t, kLabelCount>;
using Slice = torch::TensorAccessor<uint8_t, 2>;

struct Pixel {
  int64_t row, column;
  uint8_t label;
};

Counts count_labels(const Slice& slice) {
  Counts counts{};
  for (int64_t row = 0; row < slice.size(0); ++row) {
    for (int64_t column = 0; column < slice.size(1); ++column) ++counts[slice[row][column]];
  }
  return counts;
}

// Mean Dice of the structures after a shift.
double fit(const std::vector<Pixel>& pixels, const Slice& truth, const Counts& true_counts,
           const std::array<int64_t, 2>& shift) {
  Counts moved{}, common{};
  for (const Pixel& pixel : pixels) {
    const int64_t row = pixel.row + shift[0], column = pixel.column + shift[1];
    if (row < 0 || column < 0 || row >= truth.size(0) || column >= truth.size(1)) continue;
    ++moved[pixel.label];
    if (truth[row][column] == pixel.label) ++common[pixel.label];
  }
  double sum = 0, structures = 0;
  for (size_t label = 1; label < kLabelCount; ++label) {
    const int64_t both = moved[label] + true_counts[label];
    if (both == 0) continue;
    sum += 2 * static_cast<double>(common[label]) / static_cast<double>(both);
    ++structures;
  }
  return structures > 0 ? sum / structures : 0;
}

// All shifts within reach, the shortest first.
std::vector<std::array<int64_t, 2>> shifts_within(int64_t reach) {
  std::vector<std::array<int64_t, 2>> shifts;
  for (int64_t row = -reach; row <= reach; ++row) {
    for (int64_t column = -reach; column <= reach; ++column) shifts.push_back({row, column});
  }
  std::stable_sort(shifts.begin(), shifts.end(), [](const auto& a, const auto& b) {
    return a[0] * a[0] + a[1] * a[1] < b[0] * b[0] + b[1] * b[1];
  });
  return shifts;
}

}  // namespace

PoseFree pose_free(const torch::Tensor& labels, const torch::Tensor& truth, int64_t reach) {
  TORCH_CHECK(labels.dim() == 3 && labels.sizes() == truth.sizes() &&
                  labels.scalar_type() == torch::kUInt8 && truth.scalar_type() == torch::kUInt8,
              "pose_free: expected uint8 labels [M, H, W] of one shape, found ", labels.sizes(),
              " and ", truth.sizes());
  TORCH_CHECK(labels.numel() == 0 ||
                  std::max(labels.max().item<int64_t>(), truth.max().item<int64_t>()) < kLabelCount,
              "pose_free: values beyond label_table()");
  const auto shifts = shifts_within(reach);
  PoseFree result{torch::zeros_like(labels), {}};
  for (int64_t m = 0; m < labels.size(0); ++m) {
    // What there is to move.
    const auto labels_here = labels[m].contiguous(), truth_here = truth[m].contiguous();
    const auto slice = labels_here.accessor<uint8_t, 2>();
    const auto true_slice = truth_here.accessor<uint8_t, 2>();
    std::vector<Pixel> pixels;
    for (int64_t row = 0; row < slice.size(0); ++row) {
      for (int64_t column = 0; column < slice.size(1); ++column) {
        if (slice[row][column] != 0) pixels.push_back({row, column, slice[row][column]});
      }
    }

    // Where it fits best.
    std::array<int64_t, 2> best = {0, 0};
    const Counts true_counts = count_labels(true_slice);
    const bool is_comparable =
        !pixels.empty() && true_counts[0] < true_slice.size(0) * true_slice.size(1);
    if (is_comparable) {
      double best_fit = -1;
      for (const auto& shift : shifts) {
        const double found = fit(pixels, true_slice, true_counts, shift);
        if (found > best_fit + 1e-12) {
          best_fit = found;
          best = shift;
        }
      }
    }
    result.shifts.push_back(is_comparable ? std::optional(best) : std::nullopt);
    auto moved = result.labels.accessor<uint8_t, 3>()[m];
    for (const Pixel& pixel : pixels) {
      const int64_t row = pixel.row + best[0], column = pixel.column + best[1];
      if (row < 0 || column < 0 || row >= moved.size(0) || column >= moved.size(1)) continue;
      moved[row][column] = pixel.label;
    }
  }
  return result;
}

}  // namespace dmcvr
