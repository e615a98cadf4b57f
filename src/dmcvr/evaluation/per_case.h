// SPDX-License-Identifier: Apache-2.0
// The scores of every case, as a summary holds them: few digits, a line per score.
#pragma once

#include "dmcvr/evaluation/case_result.h"

#include <string>
#include <vector>

namespace dmcvr {

// The lines of a JSON array, indented by two columns: per case an object {case, truth, scores}, in
// the order given. A score is an object on one line. Of a volume: phase, method, of each of
// scored_structures() its structure_measures(), and picture_measures(); of a long-axis picture:
// phase, view, method, and view_measures(). Six digits; what has no score is left out, and so is
// time, so that equal runs say the same.
std::vector<std::string> per_case_lines(const std::vector<CaseResult>& cases);

}  // namespace dmcvr
