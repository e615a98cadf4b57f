// SPDX-License-Identifier: Apache-2.0
// How alike two images are: peak signal-to-noise ratio and structural similarity (Wang et al.
// 2004). All in float64, with values assumed to span data_range (1 for images in [0, 1]).
//
// SSIM on cardiac stacks needs care: in a background of exact zeros it punishes an offset of 0.02
// with 0.2 and is forgiving inside the heart. Give regions beside whole images.
#pragma once

#include <torch/types.h>

namespace dmcvr {

// −10 log10(MSE / data_range²) over the voxels of the boolean `mask`, or over all if it is
// undefined, in dB. Infinite for equal images, NaN for an empty mask.
double psnr(const torch::Tensor& test, const torch::Tensor& truth, const torch::Tensor& mask = {},
            double data_range = 1);

// Mean SSIM with a uniform window of 7 voxels a side and sample covariances, over the windows that
// lie inside: the figures that scikit-image gives.

// [D, H, W], windows of 7×7×7: the paper's. Throws Error for less than 7 slices, rows or columns.
double ssim_3d(const torch::Tensor& test, const torch::Tensor& truth, double data_range = 1);

// [D, H, W], windows of 7×7 in each slice; mean over the slices. Throws Error below 7 rows or
// columns.
double ssim_2d(const torch::Tensor& test, const torch::Tensor& truth, double data_range = 1);

// SSIM of each slice with a Gaussian window of 11×11, σ = 1.5, zeros around the slice and
// population covariances, over all pixels. [D, H, W] -> [D].
torch::Tensor ssim_gaussian(const torch::Tensor& test, const torch::Tensor& truth,
                            double data_range = 1);

}  // namespace dmcvr
