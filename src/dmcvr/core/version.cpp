// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/version.h"

#include "dmcvr/core/commit.h"  // made at build time

#include <torch/version.h>

namespace dmcvr {

std::string version() {
  return DMCVR_VERSION;
}

std::string commit() {
  return DMCVR_COMMIT;
}

std::string torch_version() {
  return TORCH_VERSION;
}

}  // namespace dmcvr
