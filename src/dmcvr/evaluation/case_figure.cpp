// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_figure.h"

#include "dmcvr/figures/preview.h"
#include "dmcvr/figures/views.h"
#include "dmcvr/metrics/overlap.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

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

// "shape 0.82 0.66 -": Dice of the structures in this slice; "-" for what neither side has, and
// for what was not drawn.
std::string dice_caption(const std::string& method, const torch::Tensor& labels,
                         const torch::Tensor& truth, const std::set<int64_t>& drawn) {
  std::string text = method;
  for (const auto& [label, name] : label_table()) {
    const double dice = overlap(labels == label, truth == label).dice;
    text += std::isnan(dice) || drawn.count(label) == 0 ? " -" : fmt::format(" {:.2f}", dice);
  }
  return text;
}

// One plane, by its index among those asked for, of the truth and of each method. heart: [H, W]
// uint8, not 0 where any plane has labels.
ComparisonRow comparison_row(const Contest& contest, const NamedAnswers& answers, int64_t phase,
                             int64_t index, const torch::Tensor& heart) {
  const Truth& truth = contest.truth;
  const int64_t plane = contest.question.asked[static_cast<size_t>(index)];
  const auto drawn = drawn_labels(truth, phase);
  const auto known = truth.labels[phase][plane];
  auto occupied = heart;
  ComparisonRow row;
  row.plane = plane_grid(contest.question.planes.grid, plane);
  row.slices.push_back({"truth", truth.images[phase][plane], known, "truth (LVC LVM RVC: Dice)"});
  for (const auto& [name, answer] : answers) {
    ComparedSlice slice{name, {}, {}, ""};
    if (answer.images.defined()) slice.image = answer.images[phase][index];
    if (answer.labels.defined()) {
      slice.labels = answer.labels[phase][index];
      slice.caption = dice_caption(name, slice.labels, known, drawn);
      occupied = torch::maximum(occupied, slice.labels);
    }
    row.slices.push_back(slice);
  }
  row.box = label_box({row.plane, occupied.unsqueeze(0).unsqueeze(0)});
  return row;
}

}  // namespace

int64_t middle_plane(const Contest& contest, int64_t phase) {
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

std::optional<int64_t> worst_plane(const Contest& contest, const NamedAnswers& answers,
                                   int64_t phase) {
  const auto planes = torch::tensor(contest.question.asked, torch::kInt64);
  const auto known = contest.truth.labels[phase].index_select(0, planes);  // [M, H, W]
  auto wrong = torch::zeros({known.size(0)}, torch::kInt64);
  for (const auto& [name, answer] : answers) {
    if (!answer.labels.defined()) continue;
    wrong += (only_drawn(answer.labels[phase], contest.truth, phase) != known).sum({1, 2});
  }
  if (!wrong.any().item<bool>()) return {};
  return (wrong == wrong.max()).nonzero()[0].item<int64_t>();
}

std::vector<ComparisonRow> case_rows(const Contest& contest, const NamedAnswers& answers) {
  const auto& names = contest.question.given.phase_names;
  const auto heart = contest.truth.labels.amax({0, 1});
  std::vector<ComparisonRow> rows;
  for (const int64_t t : preview_phases(names, kMostPhases)) {
    const auto add = [&](int64_t index, const std::string& why) {
      rows.push_back(comparison_row(contest, answers, t, index, heart));
      rows.back().title = fmt::format("{}, plane {} of {}, {}", names[static_cast<size_t>(t)],
                                      contest.question.asked[static_cast<size_t>(index)] + 1,
                                      contest.truth.labels.size(1), why);
    };
    const int64_t middle = middle_plane(contest, t);
    const auto worst = worst_plane(contest, answers, t);
    if (worst && *worst == middle) {
      add(middle, "the middle one, where most is wrong as well");
      continue;
    }
    add(middle, "the middle one");
    if (worst) add(*worst, "where most is wrong");
  }
  return rows;
}

Picture case_figure(const Contest& contest, const NamedAnswers& answers) {
  return comparison(contest.question.given.name, case_rows(contest, answers));
}

}  // namespace dmcvr
