// SPDX-License-Identifier: Apache-2.0
// The scores of long-axis views for people, papers and other programs.
#pragma once

#include "dmcvr/evaluation/tables.h"
#include "dmcvr/evaluation/view_summary.h"

#include <string>
#include <vector>

namespace dmcvr {

// The layout of the paper's Table 2: a line per method, the mean Dice of LVC, LVM and RVC inside
// the stack by view and over all, ± the standard deviation over the pictures; left out where
// nothing was labeled. Then for each view: Dice of the structures and their mean inside the stack,
// the mean on the whole plane (without labels none of these), correlation and edge agreement of the
// pictures, and the median shift that would fit best. A dash where there is no score; without
// scores no lines.
std::vector<std::string> view_lines(const std::vector<ViewSummary>& summaries);

// A line per method and a column per phase, over all views: the mean Dice inside the stack, or,
// where nothing was labeled, the correlation. No lines for a single phase, nor for a whole film.
std::vector<std::string> view_phase_lines(const std::vector<ViewSummary>& by_phase);

// Below them "+0.012 [-0.003, +0.027]" of the mean Dice inside the stack and of the correlation.
std::vector<std::string> view_difference_lines(const std::vector<ViewDifference>& differences,
                                               const std::string& baseline);

// Columns: mean Dice by view, over all views that of each structure and on the whole plane, and the
// correlation.
ScoreTable view_table(const std::vector<ViewSummary>& summaries);

// A heading, and a line per case, phase, view and method:
//   case,phase,view,method,truth, then view_measures(). Empty where there is no score.
std::vector<std::string> view_csv_lines(const std::vector<CaseResult>& cases);

}  // namespace dmcvr
