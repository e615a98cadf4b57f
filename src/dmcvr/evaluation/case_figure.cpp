// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_figure.h"

#include "dmcvr/figures/comparison.h"
#include "dmcvr/figures/preview.h"
#include "dmcvr/figures/views.h"
#include "dmcvr/metrics/overlap.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr int64_t kMostPhases = 2;

// The grid of one plane of the stack.
Grid plane_grid(const Grid& stack, int64_t plane) {
  Grid grid = stack;
  grid.size[2] = 1;
  grid.world_from_voxel.offset = stack.world_from_voxel({0, 0, static_cast<double>(plane)});
  return grid;
}

// "shape 0.82 0.66 -": Dice of the structures in this slice.
std::string dice_caption(const std::string& method, const torch::Tensor& labels,
                         const torch::Tensor& truth) {
  std::string text = method;
  for (const auto& [label, name] : label_table()) {
    const double dice = overlap(labels == label, truth == label).dice;
    text += std::isnan(dice) ? " -" : fmt::format(" {:.2f}", dice);
  }
  return text;
}

}  // namespace

int64_t shown_plane(const Contest& contest, int64_t phase) {
  const auto& asked = contest.question.asked;
  std::vector<int64_t> all, some, full;
  for (size_t m = 0; m < asked.size(); ++m) {
    const auto labels = contest.truth.labels[phase][asked[m]];
    int64_t structures = 0;
    for (const auto& [label, name] : label_table())
      structures += (labels == label).any().item<bool>() ? 1 : 0;
    const auto index = static_cast<int64_t>(m);
    all.push_back(index);
    if (structures > 0) some.push_back(index);
    if (structures == kLabelCount - 1) full.push_back(index);
  }
  const auto& best = !full.empty() ? full : !some.empty() ? some : all;
  return best[best.size() / 2];
}

Picture case_figure(const Contest& contest, const NamedAnswers& answers) {
  const Question& question = contest.question;
  const Truth& truth = contest.truth;
  const VoxelBox box = label_box({question.planes.grid, truth.labels});
  std::vector<ComparisonRow> rows;
  for (const int64_t t : preview_phases(question.given.phase_names, kMostPhases)) {
    const int64_t index = shown_plane(contest, t);
    const int64_t plane = question.asked[static_cast<size_t>(index)];
    ComparisonRow row;
    row.title =
        fmt::format("{}, plane {} of {}", question.given.phase_names[static_cast<size_t>(t)],
                    plane + 1, truth.labels.size(1));
    row.plane = plane_grid(question.planes.grid, plane);
    row.box = box;
    row.box.first[2] = row.box.last[2] = 0;
    const auto known = truth.labels[t][plane];
    row.slices.push_back({"truth", truth.images[t][plane], known, "truth (LVC LVM RVC: Dice)"});
    for (const auto& [name, answer] : answers) {
      ComparedSlice slice{name, {}, {}, ""};
      if (answer.images.defined()) slice.image = answer.images[t][index];
      if (answer.labels.defined()) {
        slice.labels = answer.labels[t][index];
        slice.caption = dice_caption(name, slice.labels, known);
      }
      row.slices.push_back(slice);
    }
    rows.push_back(row);
  }
  return comparison(question.given.name, rows);
}

}  // namespace dmcvr
