// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_scores.h"

#include "dmcvr/core/error.h"
#include "dmcvr/evaluation/view_pose.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/metrics/picture_agreement.h"
#include "dmcvr/metrics/statistics.h"

#include <cmath>

namespace dmcvr {
namespace {

using nlohmann::json;
using DiceMap = std::map<std::string, double>;

constexpr double kHeartReachMm = 80;
constexpr double kMostReachMm = 50;

double dice_of(const DiceMap& dice, const std::string& name) {
  const auto place = dice.find(name);
  return place == dice.end() ? kNoScore : place->second;
}

double mean_of_structures(const DiceMap& dice) {
  std::vector<double> values;
  for (const auto& [label, name] : label_table()) values.push_back(dice_of(dice, name));
  return summarize(values).mean;
}

DiceMap dice_by_structure(const torch::Tensor& said, const torch::Tensor& known,
                          const torch::Tensor& where) {
  DiceMap dice;
  const auto add = [&](const std::string& name, const torch::Tensor& a, const torch::Tensor& b) {
    const auto true_mask = b & where;
    dice[name] = true_mask.any().item<bool>() ? overlap(a & where, true_mask).dice : kNoScore;
  };
  for (const auto& [label, name] : label_table()) add(name, said == label, known == label);
  add(kUnion, said != 0, known != 0);
  return dice;
}

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json();
}

double number_from(const json& value) {
  return value.is_null() ? kNoScore : value.get<double>();
}

}  // namespace

void LongAxisOptions::check() const {
  if (!(reach_mm >= 0 && reach_mm <= kMostReachMm))
    throw Error("long_axis.reach_mm: {} mm, expected 0 to {}", reach_mm, kMostReachMm);
}

double ViewScore::shift_mm() const {
  return std::sqrt(shift_column_mm * shift_column_mm + shift_row_mm * shift_row_mm);
}

const std::vector<ViewMeasure>& view_measures() {
  static const std::vector<ViewMeasure> measures = [] {
    std::vector<ViewMeasure> list;
    for (const std::string& name : scored_structures()) {
      list.push_back(
          {name + "_dice", [name](const ViewScore& s) { return dice_of(s.dice, name); }});
      list.push_back({name + "_dice_whole",
                      [name](const ViewScore& s) { return dice_of(s.dice_whole, name); }});
    }
    list.push_back({"mean_dice", [](const ViewScore& s) { return mean_of_structures(s.dice); }});
    list.push_back(
        {"mean_dice_whole", [](const ViewScore& s) { return mean_of_structures(s.dice_whole); }});
    list.push_back({"correlation", [](const ViewScore& s) { return s.correlation; }});
    list.push_back({"edge_agreement", [](const ViewScore& s) { return s.edge_agreement; }});
    list.push_back({"shift_mm", [](const ViewScore& s) { return s.shift_mm(); }});
    list.push_back({"shift_column_mm", [](const ViewScore& s) { return s.shift_column_mm; }});
    list.push_back({"shift_row_mm", [](const ViewScore& s) { return s.shift_row_mm; }});
    return list;
  }();
  return measures;
}

ViewTruth view_truth(const View& view, const Grid& stack,
                     const std::optional<Point>& heart_center) {
  const Grid& grid = view.cine.grid;
  ViewTruth truth{view, inside_stack(stack, grid), {}};
  std::optional<Point> center = heart_center;
  if (view.labels && view.labels->voxels.any().item<bool>()) {
    const auto middle = (view.labels->voxels != 0).nonzero().to(torch::kFloat64).mean(0);
    center = grid.world_from_voxel({middle[3].item<double>(), middle[2].item<double>(), 0});
  }
  truth.heart =
      center ? truth.inside & near_point(grid, *center, kHeartReachMm) : truth.inside.clone();
  return truth;
}

std::vector<ViewScore> score_view(const Reslice& said, const ViewTruth& truth,
                                  const LongAxisOptions& options) {
  const View& view = truth.view;
  const auto everywhere = torch::ones_like(truth.inside);
  const auto spacing = view.cine.grid.spacing_mm();
  PoseSearch search{truth.inside, {spacing[0], spacing[1]}, options.reach_mm};
  std::vector<ViewScore> scores;
  for (int64_t t = 0; t < view.cine.phase_count(); ++t) {
    ViewScore score;
    score.view = view.name;
    const auto picture = view.cine.voxels[t][0];  // [h, w]
    std::optional<std::array<double, 2>> shift;
    if (said.labels.defined() && view.labels) {
      const auto known = view.labels->voxels[t][0];
      score.dice = dice_by_structure(said.labels[t], known, truth.inside);
      score.dice_whole = dice_by_structure(said.labels[t], known, everywhere);
      shift = best_shift_of_labels(said.labels[t], known, search);
    }
    if (said.images.defined()) {
      score.correlation = normalized_correlation(said.images[t], picture, truth.heart);
      score.edge_agreement = edge_agreement(said.images[t], picture, truth.heart);
      if (score.dice.empty()) {
        search.inside = truth.heart;
        shift = best_shift_of_pictures(said.images[t], picture, search);
      }
    }
    if (shift) {
      score.shift_column_mm = (*shift)[0];
      score.shift_row_mm = (*shift)[1];
    }
    scores.push_back(std::move(score));
  }
  return scores;
}

void to_json(json& content, const ViewScore& score) {
  const auto numbers = [](const DiceMap& dice) {
    json values = json::object();
    for (const auto& [name, value] : dice) values[name] = number_or_null(value);
    return values;
  };
  content = {{"method", score.method},
             {"view", score.view},
             {"phase", score.phase},
             {"dice", numbers(score.dice)},
             {"dice_whole", numbers(score.dice_whole)},
             {"correlation", number_or_null(score.correlation)},
             {"edge_agreement", number_or_null(score.edge_agreement)},
             {"shift_column_mm", number_or_null(score.shift_column_mm)},
             {"shift_row_mm", number_or_null(score.shift_row_mm)}};
}

void from_json(const json& content, ViewScore& score) {
  content.at("method").get_to(score.method);
  content.at("view").get_to(score.view);
  content.at("phase").get_to(score.phase);
  for (const auto& [name, value] : content.at("dice").items())
    score.dice[name] = number_from(value);
  for (const auto& [name, value] : content.at("dice_whole").items())
    score.dice_whole[name] = number_from(value);
  score.correlation = number_from(content.at("correlation"));
  score.edge_agreement = number_from(content.at("edge_agreement"));
  score.shift_column_mm = number_from(content.at("shift_column_mm"));
  score.shift_row_mm = number_from(content.at("shift_row_mm"));
}

}  // namespace dmcvr
