// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/version.h"

#include <torch/version.h>

namespace dmcvr {

std::string version() {
  return DMCVR_VERSION;
}

std::string torch_version() {
  return TORCH_VERSION;
}

}  // namespace dmcvr
