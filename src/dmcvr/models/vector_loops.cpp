// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/vector_loops.h"

#include <cstring>

// "arch=x86-64-v3" is decided by what the processor can, on any make; a model name would be matched
// by name.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DMCVR_CLONES \
  __attribute__((optimize("O3"), target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DMCVR_CLONES
#endif
#define DMCVR_INLINE inline __attribute__((always_inline))

namespace dmcvr {
namespace {

typedef float Floats __attribute__((vector_size(kVectorLanes * sizeof(float))));
typedef int32_t Integers __attribute__((vector_size(kVectorLanes * sizeof(int32_t))));

// By reference: a vector that is passed by value would have another calling convention per
// instruction set.
DMCVR_INLINE void load(const float* from, Floats& to) {
  std::memcpy(&to, from, sizeof(to));
}
DMCVR_INLINE void store(const Floats& from, float* to) {
  std::memcpy(to, &from, sizeof(from));
}

// x -> 1 / (1 + e^-x), by the power of two nearest to -x / ln 2 and a polynomial for the rest;
// relative error below 3e-7.
DMCVR_INLINE void logistic(const Floats& x, Floats& y) {
  Floats v = -x;
  v = v < -87.0f ? v * 0.0f - 87.0f : v;
  v = v > 87.0f ? v * 0.0f + 87.0f : v;
  const float kMagic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to a whole number
  const Floats shifted = v * 1.44269504f + kMagic;
  const Floats whole = shifted - kMagic;
  const Floats r = (v - whole * 0.693359375f) + whole * 2.12194440e-4f;
  Floats p = r * (1.0f / 5040) + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  Integers bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits - 0x4B400000 + 127) << 23;
  Floats scale;
  std::memcpy(&scale, &bits, sizeof(scale));
  y = 1.0f / (1.0f + p * scale);
}

}  // namespace

DMCVR_CLONES void widen(const uint16_t* from, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t bits = static_cast<uint32_t>(from[i]) << 16;
    std::memcpy(to + i, &bits, sizeof(bits));
  }
}

DMCVR_CLONES void round_to_bfloat16(const float* from, uint16_t* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, from + i, sizeof(bits));
    to[i] = static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }
}

DMCVR_CLONES void add_moments(const float* x, int64_t rows, int64_t channels, const float* origin,
                              float* sum, float* square) {
  for (int64_t c = 0; c < channels; c += kVectorLanes) {
    Floats center, s, q, v;
    load(origin + c, center);
    load(sum + c, s);
    load(square + c, q);
    for (int64_t i = 0; i < rows; ++i) {
      load(x + i * channels + c, v);
      v -= center;
      s += v;
      q += v * v;
    }
    store(s, sum + c);
    store(q, square + c);
  }
}

DMCVR_CLONES void affine_silu_rows(const float* x, float* y, int64_t rows, int64_t channels,
                                   const float* gain, const float* offset) {
  for (int64_t c = 0; c < channels; c += kVectorLanes) {
    Floats a, b, v, l;
    load(gain + c, a);
    load(offset + c, b);
    for (int64_t i = 0; i < rows; ++i) {
      load(x + i * channels + c, v);
      v = a * v + b;
      logistic(v, l);
      store(v * l, y + i * channels + c);
    }
  }
}

DMCVR_CLONES void silu_gradient_rows(const SiluGradient& work, int64_t rows, int64_t channels) {
  for (int64_t c = 0; c < channels; c += kVectorLanes) {
    Floats a, b, r, o, s, t, x, g, l;
    load(work.gain + c, a);
    load(work.offset + c, b);
    load(work.inverse + c, r);
    load(work.center + c, o);
    load(work.sum_d + c, s);
    load(work.sum_dn + c, t);
    for (int64_t i = 0; i < rows; ++i) {
      load(work.x + i * channels + c, x);
      load(work.g + i * channels + c, g);
      const Floats v = a * x + b;
      logistic(v, l);
      const Floats d = g * l * (1.0f + v * (1.0f - l));
      store(d, work.d + i * channels + c);
      s += d;
      t += d * (x * r + o);
    }
    store(s, work.sum_d + c);
    store(t, work.sum_dn + c);
  }
}

DMCVR_CLONES void combine_rows(const float* x, float* values, int64_t rows, int64_t channels,
                               const Combination& by) {
  for (int64_t c = 0; c < channels; c += kVectorLanes) {
    Floats p, q, s, v, d;
    load(by.p + c, p);
    load(by.q + c, q);
    load(by.s + c, s);
    for (int64_t i = 0; i < rows; ++i) {
      load(x + i * channels + c, v);
      load(values + i * channels + c, d);
      store(p * d + q * v + s, values + i * channels + c);
    }
  }
}

}  // namespace dmcvr

#undef DMCVR_CLONES
#undef DMCVR_INLINE
