// SPDX-License-Identifier: Apache-2.0
// The scores of long-axis views, over many of them.
#pragma once

#include "dmcvr/evaluation/case_result.h"
#include "dmcvr/evaluation/view_scores.h"
#include "dmcvr/metrics/statistics.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dmcvr {

constexpr const char* kAllViews = "all";

// One method in one view, or in all, over the pictures: phases of views of cases. Pictures without
// a score are left out of a mean and counted as absent.
struct ViewSummary {
  std::string method;
  std::string view;   // "2ch", …, or kAllViews
  std::string phase;  // of summarize_by_phase(); else empty: of all phases
  int64_t pictures = 0;
  std::map<std::string, Summary> measures;  // of view_measures() by name
  double median_shift_mm = kNoScore;
};

std::vector<ViewScore> view_scores_of(const std::vector<CaseResult>& cases);

// The names of the views, sorted, and kAllViews last; none without scores.
std::vector<std::string> view_names(const std::vector<ViewScore>& scores);

// By the methods in the order in which they first occur, and for each by view_names().
std::vector<ViewSummary> summarize(const std::vector<ViewScore>& scores);

// The same phase by phase, in the order in which these first occur.
std::vector<ViewSummary> summarize_by_phase(const std::vector<ViewScore>& scores);

nlohmann::json to_json(const std::vector<ViewSummary>& summaries);

// A method minus the baseline in the same pictures. The pictures of a case belong together: its
// heart is one heart.
struct ViewDifference {
  std::string method;
  std::string view;
  std::map<std::string, Interval> measures;  // mean_dice, mean_dice_whole, correlation
};

// As summarize() orders them; none without the baseline.
std::vector<ViewDifference> view_differences(const std::vector<CaseResult>& cases,
                                             const std::string& baseline);

nlohmann::json to_json(const std::vector<ViewDifference>& differences);

}  // namespace dmcvr
