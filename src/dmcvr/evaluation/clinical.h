// SPDX-License-Identifier: Apache-2.0
// What a method's errors come to in the numbers that a clinician reads.
#pragma once

#include "dmcvr/evaluation/differences.h"
#include "dmcvr/metrics/statistics.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace dmcvr {

// Value minus truth over the cases that have both, "ed" and "es" among their phases: of the
// volumes in StructureScore, that is over all planes, those not asked for taken from the truth.
struct ClinicalErrors {
  std::string method;
  // By lv_edv_ml, lv_esv_ml, lv_ef_percent (points), lv_mass_g (in ED, 1.05 g/ml), rv_edv_ml,
  // rv_esv_ml, rv_ef_percent (points).
  std::map<std::string, Summary> errors;
  std::map<std::string, Summary> absolute;  // of the same, without sign
};

// A structure that the truth lacks was not drawn there rather than not there: it has no error. The
// ejection fraction of a cavity that an answer lacks counts as 0.
//
// In the order in which the methods first occur; none where no case has both phases.
std::vector<ClinicalErrors> clinical_errors(const std::vector<CaseResult>& cases);

nlohmann::json to_json(const std::vector<ClinicalErrors>& methods);

// Mean ± standard deviation of the errors, and the mean absolute error of the LV's ejection
// fraction. Without errors no lines.
std::vector<std::string> clinical_lines(const std::vector<ClinicalErrors>& methods);

// A method's errors minus those of the baseline in the same cases.
struct ClinicalDifference {
  std::string method;
  std::map<std::string, Interval> errors, absolute;  // keys as of ClinicalErrors
};

// One per other method; none without the baseline or cases of both phases.
std::vector<ClinicalDifference> clinical_differences(const std::vector<CaseResult>& cases,
                                                     const std::string& baseline);

nlohmann::json to_json(const std::vector<ClinicalDifference>& differences);

// A line per measure and a column per method: how much larger the absolute error is than that of
// the baseline, "-0.5 [-1.2, +0.3]". Without differences no lines.
std::vector<std::string> clinical_difference_lines(
    const std::vector<ClinicalDifference>& differences, const std::string& baseline);
// The same in GitHub's Markdown, below a title.
std::vector<std::string> clinical_difference_markdown(
    const std::vector<ClinicalDifference>& differences, const std::string& baseline);

}  // namespace dmcvr
