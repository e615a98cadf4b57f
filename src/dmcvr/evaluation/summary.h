// SPDX-License-Identifier: Apache-2.0
// Few numbers for many volumes, and the table that shows them.
#pragma once

#include "dmcvr/evaluation/scores.h"
#include "dmcvr/metrics/statistics.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace dmcvr {

// One method over all volumes (phases of cases). Volumes without a score are left out of a mean and
// counted as absent.
struct MethodSummary {
  std::string method;
  int64_t volumes = 0;
  // By structure, and "mean": of LVC, LVM and RVC of a volume. Each of structure_measures by its
  // name; of "mean" only dice and dice_pose_free.
  std::map<std::string, std::map<std::string, Summary>> structures;
  std::map<std::string, Summary> pictures;  // by the names of picture_measures
  double median_shift_mm = kNoScore;        // of pose_free, over the slices of all volumes
};

// In the order in which the methods first occur.
std::vector<MethodSummary> summarize(const std::vector<VolumeScore>& scores);

nlohmann::json to_json(const std::vector<MethodSummary>& methods);

// The paper's layout: a line per method, its mean Dice of LVC, LVM, RVC and their mean, and PSNR,
// as is; below, where anything was labeled, Dice after each slice was moved to where it fits best,
// and the median of those shifts. A dash where there is no score; ± the standard deviation over
// the volumes if there are two or more and `deviations` asks for it.
std::vector<std::string> table_lines(const std::vector<MethodSummary>& methods,
                                     bool deviations = true);

// "RVC is missing in 1 of 8 volumes of linear", for every method and structure where that, or the
// reverse, happened, and how it counts (scores.h). None where every side has what the other has.
std::vector<std::string> one_sided_lines(const std::vector<MethodSummary>& methods);

// The columns that tables are made of: 13 wide with deviations, 9 without. `digits` behind the
// point.
std::string heading_cell(const std::string& text, bool deviations);
std::string summary_cell(const Summary& summary, int digits, bool deviations);

}  // namespace dmcvr
