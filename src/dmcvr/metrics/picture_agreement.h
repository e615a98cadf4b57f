// SPDX-License-Identifier: Apache-2.0
// How alike two pictures of one plane are when their brightness cannot be compared, since a scanner
// took them one after the other. Both are the same for a picture a and for s a + c, s > 0.
#pragma once

#include <torch/types.h>

namespace dmcvr {

// Pearson's correlation of the pixels in the boolean `mask`, -1 to 1; any equal shapes. NaN for
// fewer than two pixels and where one of the pictures is flat. Outside of the mask anything may
// stand, NaN too.
double normalized_correlation(const torch::Tensor& a, const torch::Tensor& b,
                              const torch::Tensor& mask);

// Whether edges run along each other, whatever their strength and sign: 0 where all are at right
// angles, 1 for equal pictures, 1/2 or so for unrelated ones. Gradients of both [H, W], of square
// pixels, divided by sqrt(|gradient|² + its mean length²), so that noise counts little (Haber and
// Modersitzki, MICCAI 2006); of these n_a, n_b sum (n_a · n_b)² / sqrt(sum |n_a|⁴ sum |n_b|⁴), over
// the pixels that lie in the mask with their four neighbors. NaN where there is none and for flat
// pictures.
double edge_agreement(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& mask);

}  // namespace dmcvr
