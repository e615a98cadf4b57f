// SPDX-License-Identifier: Apache-2.0
// The hearts that methods make of one case, as surfaces, beside the true one.
#pragma once

#include "dmcvr/evaluation/case_figure.h"

namespace dmcvr {

// In each of at most two phases two rows, one per camera (heart_cameras, of the truth): the truth,
// then the methods that have labels. Both cavities, and the wall as if of glass. given_labels: [T,
// D, H, W] uint8, of the given slices, as the methods have them; they stand in planes that were not
// asked for. Undefined: the truth's do. Methods that start from experts' labels stand on those.
Picture surface_figure(const Contest& contest, const torch::Tensor& given_labels,
                       const NamedAnswers& answers);

}  // namespace dmcvr
