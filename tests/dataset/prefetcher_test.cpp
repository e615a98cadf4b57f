// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/prefetcher.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace dmcvr {
namespace {

using namespace std::chrono_literals;

TEST(Prefetcher, GivesWhatIsMadeForTheIndex) {
  for (const int64_t ahead : {1, 3}) {
    Prefetcher<int64_t> prefetch([](int64_t index) { return 10 * index; }, ahead);
    for (const int64_t index : {4, 5, 6, 2, 3}) EXPECT_EQ(prefetch(index), 10 * index);
  }
}

TEST(Prefetcher, NextBatchIsMadeWhileOneIsUsed) {
  std::mutex mutex;
  std::condition_variable changed;
  int64_t newest = -1;
  Prefetcher<int64_t> prefetch([&](int64_t index) {
    const std::lock_guard lock(mutex);
    newest = std::max(newest, index);
    changed.notify_all();
    return index;
  });
  prefetch(0);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 30s, [&] { return newest == 1; }));
}

TEST(Prefetcher, SaysHowLongItWasWaitedFor) {
  Prefetcher<int64_t> slow([](int64_t index) {
    std::this_thread::sleep_for(50ms);
    return index;
  });
  EXPECT_EQ(slow.waited_seconds(), 0);
  slow(0);
  EXPECT_GE(slow.waited_seconds(), 0.05);
}

TEST(Prefetcher, ErrorsReachWhoTakesTheBatch) {
  Prefetcher<int64_t> failing([](int64_t index) {
    if (index == 1) throw Error("no more");
    return index;
  });
  failing(0);
  EXPECT_THROW(failing(1), Error);
}

TEST(Prefetcher, ProcessorsPrepareOneBatchAndGpusMore) {
  EXPECT_EQ(batches_ahead(torch::kCPU), 1);
  const int64_t others = static_cast<int64_t>(std::thread::hardware_concurrency()) - 1;
  EXPECT_EQ(batches_ahead(torch::kCUDA), std::clamp<int64_t>(others, 1, 8));
}

}  // namespace
}  // namespace dmcvr
