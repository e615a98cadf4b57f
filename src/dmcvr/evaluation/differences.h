// SPDX-License-Identifier: Apache-2.0
// Is one method better than another? Differences over the same volumes, with intervals.
#pragma once

#include "dmcvr/evaluation/case_result.h"
#include "dmcvr/metrics/statistics.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace dmcvr {

// A method minus the baseline, over the volumes in which both have a score. The phases of a case
// belong together: its heart is one heart.
struct Difference {
  std::string method;
  // By the names of measures, Dice, VOE and all distances (scores.h), then of scored_structures();
  // of dice and dice_pose_free also "mean": of LVC, LVM and RVC of a volume.
  std::map<std::string, std::map<std::string, Interval>> structures;
  std::map<std::string, Interval> pictures;  // by the names of picture_measures()
};

// One per other method, in the order in which the methods first occur; none if no case has the
// baseline.
std::vector<Difference> differences(const std::vector<CaseResult>& cases,
                                    const std::string& baseline);

nlohmann::json to_json(const std::vector<Difference>& differences);

// Two blocks as those of table_lines (summary.h), "+0.012 [-0.003, +0.027]" in each cell. Without
// differences no lines.
std::vector<std::string> difference_lines(const std::vector<Difference>& differences,
                                          const std::string& baseline);

// "+0.012 [-0.003, +0.027]"; a dash without values. In columns as wide as kIntervalWidth, or as
// long as it is.
constexpr int kIntervalWidth = 27;
std::string interval_cell(const Interval& interval, int digits);
std::string interval_text(const Interval& interval, int digits);

// mean, low, high, cases, and the number of values by the name of what they are of.
nlohmann::json interval_json(const Interval& interval, const std::string& values);

}  // namespace dmcvr
