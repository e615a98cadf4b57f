// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/precision.h"

#include "dmcvr/core/torch_compat.h"

namespace dmcvr {

PrecisionScope::PrecisionScope(Precision precision) : is_mixed_(precision == Precision::bfloat16) {
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
