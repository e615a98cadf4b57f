// SPDX-License-Identifier: Apache-2.0
// How well a dense heart agrees with long-axis views, of which no method has seen anything.
#pragma once

#include "dmcvr/evaluation/reslice.h"
#include "dmcvr/evaluation/scores.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct LongAxisOptions {
  bool soft_labels = false;  // as reslice() takes it
  double reach_mm = 10;      // the longest shift between breath-holds that is looked for
  // Methods are given slices 0, 2, 4, … alone, the gap being twice as wide; the others are hidden.
  bool every_second_slice = false;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LongAxisOptions, soft_labels, reach_mm, every_second_slice)

// One phase of one view of one case by one method. NaN where there is nothing to score.
struct ViewScore {
  std::string method;
  std::string view;
  std::string phase;
  // Dice in the plane by scored_structures(), of the pixels inside the stack (inside_stack) and of
  // all; a structure that the truth lacks there has none, since a view shows what it was laid to
  // show. Empty without labels on both sides.
  std::map<std::string, double> dice, dice_whole;
  // Of the pictures (picture_agreement.h), inside the stack and around the heart (ViewTruth).
  double correlation = kNoScore;
  double edge_agreement = kNoScore;
  // What the answer would have to be moved by to fit best (view_pose.h), by labels where both sides
  // have them, else by pictures.
  double shift_column_mm = kNoScore;
  double shift_row_mm = kNoScore;

  double shift_mm() const;
};

// The numbers of a score by their names in files: LVC_dice, LVC_dice_whole, … all_dice_whole,
// mean_dice and mean_dice_whole (of LVC, LVM and RVC where they have a score), correlation,
// edge_agreement, shift_mm, shift_column_mm, shift_row_mm.
struct ViewMeasure {
  std::string name;
  std::function<double(const ViewScore&)> value;
};
const std::vector<ViewMeasure>& view_measures();

// What an answer is compared with.
struct ViewTruth {
  View view;
  torch::Tensor inside;  // [h, w] bool: inside_stack
  torch::Tensor heart;   // [h, w] bool: of `inside`, what is near the heart
};

// Near is within 80 mm, half the side of the patch that generators draw, of the middle of the
// view's labels, or of `heart_center` where it has none; without either all of the stack.
ViewTruth view_truth(const View& view, const Grid& stack, const std::optional<Point>& heart_center);

// One per phase. `said` is the answer at the pixels of the view.
std::vector<ViewScore> score_view(const Reslice& said, const ViewTruth& truth,
                                  const LongAxisOptions& options = {});

// JSON writes what is absent as null.
void to_json(nlohmann::json& json, const ViewScore& score);
void from_json(const nlohmann::json& json, ViewScore& score);

}  // namespace dmcvr
