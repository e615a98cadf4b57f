// SPDX-License-Identifier: Apache-2.0
// How a scanner turns what it sees into a picture: a band of spatial frequencies is acquired with
// noise, the rest is filled with zeros, and the magnitude is shown.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>

namespace dmcvr {

// The acquired part of the picture's frequencies, per axis (rows, columns): 1 is everything up to
// the Nyquist frequency, more is cut off there. Inside, frequencies are damped toward the edge, as
// scanners do to keep ringing low.
struct Band {
  std::array<double, 2> share = {1, 1};
  double flat = 0.6;  // of the band; from there a raised cosine falls to `edge`
  double edge = 0.25;
};

// [H, W] float32, in the order of a discrete Fourier transform.
torch::Tensor band_filter(const Band& band, int64_t rows, int64_t columns);

// `signal` [..., H, W] float32 -> what of it lies in the band, without noise; never negative.
torch::Tensor band_limited(const torch::Tensor& signal, const torch::Tensor& filter);

// The same with Gaussian noise of the given deviation in the real and in the imaginary part of
// the picture, in the band as the signal is: Rician magnitudes.
torch::Tensor band_limited(const torch::Tensor& signal, const torch::Tensor& filter,
                           double deviation, const at::Generator& generator);

}  // namespace dmcvr
