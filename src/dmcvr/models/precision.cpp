// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/precision.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/torch_compat.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/zeros.h>

#include <exception>

namespace dmcvr {
namespace {

bool has_bfloat16_instructions(const torch::Device& device) {
  if (!device.is_cpu()) return true;
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

// LibTorch asks oneDNN for convolutions in bfloat16, which has none for x86 without AVX-512, and
// then throws whatever oneDNN throws: so we ask it, once.
bool convolves_in_bfloat16() {
  static const bool does = [] {
    const auto zeros = at::zeros({1, 1, 3, 3}, torch::kBFloat16);
    try {
      at::conv2d(zeros, zeros);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }();
  return does;
}

}  // namespace

bool computes_in_bfloat16(const torch::Device& device) {
  return !device.is_cpu() || convolves_in_bfloat16();
}

Precision resolved(Precision precision, const torch::Device& device) {
  if (precision == Precision::automatic) {
    return has_bfloat16_instructions(device) && computes_in_bfloat16(device) ? Precision::bfloat16
                                                                             : Precision::float32;
  }
  if (precision == Precision::bfloat16 && !computes_in_bfloat16(device)) {
    throw Error(
        "precision bfloat16: this processor lacks the instructions (AVX-512); use float32 or "
        "automatic");
  }
  return precision;
}

PrecisionScope::PrecisionScope(Precision precision) : is_mixed_(precision == Precision::bfloat16) {
  TORCH_CHECK(precision != Precision::automatic, "PrecisionScope: automatic is not resolved");
  if (!is_mixed_) return;
  at::autocast::increment_nesting();
  set_autocast(true);
}

PrecisionScope::~PrecisionScope() {
  if (!is_mixed_) return;
  set_autocast(false);
  at::autocast::decrement_nesting();
  at::autocast::clear_cache();
}

}  // namespace dmcvr
