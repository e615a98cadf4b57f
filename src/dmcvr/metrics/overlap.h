// SPDX-License-Identifier: Apache-2.0
// How well two masks cover each other (Heimann et al. 2009; the columns of DMCVR's Table 1).
#pragma once

#include <torch/types.h>

namespace dmcvr {

// NaN is an absent result: leave it out of means and count it. If both masks are empty all three
// are NaN; if only the truth is empty dice is 0, voe 100, and vd NaN.
struct Overlap {
  double dice = 0;  // 2 |A ∩ B| / (|A| + |B|), 0 to 1
  double voe = 0;   // volumetric overlap error, 100 (1 − |A ∩ B| / |A ∪ B|), percent
  double vd = 0;    // volume difference, 100 (|prediction| − |truth|) / |truth|, signed percent
};

// Boolean masks of one shape, any rank. Of labels: overlap(labels == kLvc, truth == kLvc); the
// paper's "all labels" is the union of the foreground, overlap(labels > 0, truth > 0).
Overlap overlap(const torch::Tensor& prediction, const torch::Tensor& truth);

}  // namespace dmcvr
