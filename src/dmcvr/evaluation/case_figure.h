// SPDX-License-Identifier: Apache-2.0
// What one case looks like: in each of at most two phases the plane in the middle of what was asked
// for, as the truth and the methods have it.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"
#include "dmcvr/figures/picture.h"

#include <string>
#include <utility>
#include <vector>

namespace dmcvr {

using NamedAnswers = std::vector<std::pair<std::string, Answer>>;

// Among the planes asked for, as an index into them, the middle one of those where the truth of the
// phase has all structures, or else any, or else of all.
int64_t shown_plane(const Contest& contest, int64_t phase);

Picture case_figure(const Contest& contest, const NamedAnswers& answers);

}  // namespace dmcvr
