// SPDX-License-Identifier: Apache-2.0
// The hearts that methods make of one case, as surfaces, beside the true one.
#pragma once

#include "dmcvr/evaluation/case_figure.h"

namespace dmcvr {

// In each of at most two phases two rows, one per camera (heart_cameras, of the truth): the truth,
// then the methods that have labels. Both cavities, and the wall as if of glass. Planes that were
// not asked for are the truth's.
Picture surface_figure(const Contest& contest, const NamedAnswers& answers);

}  // namespace dmcvr
