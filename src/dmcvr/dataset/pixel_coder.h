// SPDX-License-Identifier: Apache-2.0
// 8-bit pictures without loss, smaller than PNG: each pixel is predicted from its neighbors, and
// what is left is coded by an adaptive range coder.
//
// The prediction is (3 W + 3 N - 2 NW) / 4, corrected by the mean error in like surroundings; the
// error's probabilities depend on how uneven the neighborhood is. Both ideas are those of LOCO-I
// (Weinberger, Seroussi, Sapiro, IEEE TIP 9(8), 2000) and CALIC (Wu, Memon, IEEE TCOM 45(4), 1997);
// the coder is the carry-less binary one of G. N. N. Martin (1979) as LZMA has it.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace dmcvr {

// [H, W] uint8 -> bytes; the same picture gives the same bytes.
std::string encode_picture(const torch::Tensor& picture);

// The inverse. Throws Error unless the bytes are those of a picture of that size, as far as that
// can be told; no size takes more memory than 1024 times the bytes.
torch::Tensor decode_picture(std::string_view bytes, int64_t rows, int64_t columns);

}  // namespace dmcvr
