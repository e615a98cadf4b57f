// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/side_by_side.h"

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>

#include <exception>
#include <mutex>

namespace dmcvr {

void side_by_side(int64_t count, const torch::Device& device, const WorkOnPart& work) {
  std::atomic<bool> is_stopped = false;
  // With fewer items than a quarter of the threads most of the machine would be idle.
  if (!device.is_cpu() || 4 * count < at::get_num_threads()) {
    work(0, count, is_stopped);
    return;
  }
  const at::ThreadLocalState state;
  std::mutex mutex;
  std::exception_ptr first_failure;
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    const at::ThreadLocalStateGuard guard(state);
    try {
      work(begin, end, is_stopped);
    } catch (...) {
      // Kept before the others hear of it: what they throw then is not what went wrong.
      const std::lock_guard lock(mutex);
      if (!first_failure) first_failure = std::current_exception();
      is_stopped = true;
    }
  });
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace dmcvr
