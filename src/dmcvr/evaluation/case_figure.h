// SPDX-License-Identifier: Apache-2.0
// What one case looks like: in each of at most two phases the plane in the middle of what was asked
// for and the one where most is wrong, as the truth and the methods have it.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"
#include "dmcvr/figures/comparison.h"
#include "dmcvr/figures/picture.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dmcvr {

using NamedAnswers = std::vector<std::pair<std::string, Answer>>;

// Among the planes asked for, as an index into them, the middle one of those where the truth of the
// phase has all structures, or else any, or else of all.
int64_t middle_plane(const Contest& contest, int64_t phase);

// The plane, as an index likewise, where most pixels have another label than in the truth, summed
// over all answers; of equal ones the first, nothing where none is wrong. What was not drawn is not
// wrong.
std::optional<int64_t> worst_plane(const Contest& contest, const NamedAnswers& answers,
                                   int64_t phase);

// Both planes of each phase shown, once where they are one. Shown is of a plane what the heart
// occupies in any, and what answers say there.
std::vector<ComparisonRow> case_rows(const Contest& contest, const NamedAnswers& answers);

Picture case_figure(const Contest& contest, const NamedAnswers& answers);

}  // namespace dmcvr
