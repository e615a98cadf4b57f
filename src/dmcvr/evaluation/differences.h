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
// belong together: its heart is one heart. Higher is better in all of them.
struct Difference {
  std::string method;
  // By structure, and "mean": of the structures of a volume.
  std::map<std::string, Interval> dice, dice_pose_free;
  Interval psnr_db;
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

// "+0.012 [-0.003, +0.027]" in kIntervalWidth columns; a dash without values.
constexpr int kIntervalWidth = 27;
std::string interval_cell(const Interval& interval, int digits);

// mean, low, high, cases, and the number of values by the name of what they are of.
nlohmann::json interval_json(const Interval& interval, const std::string& values);

}  // namespace dmcvr
