// SPDX-License-Identifier: Apache-2.0
// Networks as small as ours fill one core with a few patches better than several cores with many
// (benchmarks/RESULTS.md): a batch is dealt out to the cores, and each works through its part
// alone.
#pragma once

#include <torch/types.h>

#include <atomic>
#include <cstdint>
#include <functional>

namespace dmcvr {

// Works on items begin to end. Where another part has failed, is_stopped becomes true and the
// outcome is not asked for any more.
using WorkOnPart =
    std::function<void(int64_t begin, int64_t end, const std::atomic<bool>& is_stopped)>;

// Parts that cover [0, count), on the CPU as many at once as there are threads, with what LibTorch
// keeps per thread (gradients off, autocast) as on the calling one; else, and where threads are
// more than four times as many as items, all items as one part. The part that begins at 0 runs on
// the calling thread. Throws what the first part that failed has thrown, when all have returned.
void side_by_side(int64_t count, const torch::Device& device, const WorkOnPart& work);

}  // namespace dmcvr
