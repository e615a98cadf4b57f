// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/precision.h"

#include "dmcvr/core/torch_compat.h"

namespace dmcvr {
namespace {

bool has_bfloat16(const torch::Device& device) {
  if (!device.is_cpu()) return true;
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace

Precision resolved(Precision precision, const torch::Device& device) {
  if (precision != Precision::automatic) return precision;
  return has_bfloat16(device) ? Precision::bfloat16 : Precision::float32;
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
