// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/prefetcher.h"

#include <algorithm>
#include <thread>

namespace dmcvr {

int64_t batches_ahead(const torch::Device& device) {
  if (device.is_cpu()) return 1;
  return std::clamp<int64_t>(static_cast<int64_t>(std::thread::hardware_concurrency()) - 1, 1, 8);
}

}  // namespace dmcvr
