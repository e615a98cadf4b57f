// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/end_phase_guess.h"

#include <algorithm>

namespace dmcvr {
namespace {

constexpr int64_t kFewestPhases = 8;
constexpr int64_t kShareThatMoves = 20;  // one in so many pixels

// The middle half along an axis, one index at least.
torch::Tensor middle_half(const torch::Tensor& voxels, int64_t axis) {
  const int64_t size = voxels.size(axis), begin = size / 4;
  return voxels.slice(axis, begin, std::max(begin + 1, size - begin));
}

int64_t most_different(const torch::Tensor& moving, int64_t frame) {  // [T, pixels]
  return (moving - moving[frame]).abs().mean(1).argmax().item<int64_t>();
}

}  // namespace

std::optional<GuessedEndPhases> guess_end_phases(const Cine& cine) {
  if (cine.phase_count() < kFewestPhases) return std::nullopt;
  auto voxels = cine.voxels;  // [T, D, H, W]
  for (const int64_t axis : {1, 2, 3}) voxels = middle_half(voxels, axis);
  const auto pixels = voxels.flatten(1);  // [T, pixels]
  const auto variation = pixels.std(0, /*unbiased=*/false);
  if (variation.max().item<float>() == 0) return std::nullopt;
  const int64_t count = std::max<int64_t>(1, pixels.size(1) / kShareThatMoves);
  const auto moving = pixels.index_select(1, std::get<1>(variation.topk(count)));
  GuessedEndPhases guess;
  guess.es = most_different(moving, 0);
  guess.ed = most_different(moving, guess.es);
  return guess;
}

}  // namespace dmcvr
