// SPDX-License-Identifier: Apache-2.0
// Loops over rows of pixels with the channels side by side, compiled once per instruction set and
// chosen at run time. Channels come in multiples of kVectorLanes; arrays of one value per channel
// are float32.
#pragma once

#include <cstdint>

namespace dmcvr {

constexpr int64_t kVectorLanes = 8;

// bfloat16 <-> float32, rounding to the nearest, ties to even.
void widen(const uint16_t* from, float* to, int64_t count);
void round_to_bfloat16(const float* from, uint16_t* to, int64_t count);

// sum += x - origin, square += (x - origin)², over the rows of x [rows, channels].
void add_moments(const float* x, int64_t rows, int64_t channels, const float* origin, float* sum,
                 float* square);

// y = SiLU(gain x + offset).
void affine_silu_rows(const float* x, float* y, int64_t rows, int64_t channels, const float* gain,
                      const float* offset);

// The gradient of that: d = g SiLU'(gain x + offset); sum_d += d; sum_dn += d (inverse x + center).
struct SiluGradient {
  const float* x;
  const float* g;
  float* d;
  const float *gain, *offset, *inverse, *center;
  float *sum_d, *sum_dn;
};
void silu_gradient_rows(const SiluGradient& work, int64_t rows, int64_t channels);

// values = p values + q x + s.
struct Combination {
  const float *p, *q, *s;
};
void combine_rows(const float* x, float* values, int64_t rows, int64_t channels,
                  const Combination& by);

}  // namespace dmcvr
