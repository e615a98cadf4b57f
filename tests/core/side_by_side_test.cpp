// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/side_by_side.h"

#include "dmcvr/core/error.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace dmcvr {
namespace {

const torch::Device kCpu(torch::kCPU);

struct Part {
  int64_t begin, end;
  std::thread::id thread;
};

std::vector<Part> parts_of(int64_t count) {
  std::vector<Part> parts;
  std::mutex mutex;
  side_by_side(count, kCpu, [&](int64_t begin, int64_t end, const std::atomic<bool>&) {
    const std::lock_guard lock(mutex);
    parts.push_back({begin, end, std::this_thread::get_id()});
  });
  return parts;
}

}  // namespace

TEST(SideBySide, PartsCoverAllItemsOnceAndTheFirstIsTheCallers) {
  for (const int64_t count : {1, 2, 3, 8, 101}) {
    std::vector<int> times(count);
    const auto parts = parts_of(count);
    EXPECT_LE(static_cast<int>(parts.size()), at::get_num_threads());
    for (const Part& part : parts) {
      for (int64_t i = part.begin; i < part.end; ++i) ++times[i];
      EXPECT_EQ(part.begin == 0, part.thread == std::this_thread::get_id());
    }
    EXPECT_EQ(times, std::vector<int>(count, 1));
  }
  ASSERT_EQ(at::get_num_threads(), 2);
  EXPECT_EQ(parts_of(8).size(), 2U);
}

TEST(SideBySide, PartsComputeAsTheCallerDoes) {
  const at::NoGradGuard no_gradients;
  std::atomic<int> with_gradients = 0;
  side_by_side(4, kCpu, [&](int64_t, int64_t, const std::atomic<bool>&) {
    if (at::GradMode::is_enabled()) ++with_gradients;
  });
  EXPECT_EQ(with_gradients, 0);
}

TEST(SideBySide, APartIsWorkOfOneThread) {
  std::atomic<int> nested = 0;
  side_by_side(4, kCpu, [&](int64_t, int64_t, const std::atomic<bool>&) {
    if (at::in_parallel_region()) ++nested;
  });
  EXPECT_EQ(nested, 2);
}

TEST(SideBySide, WhereOnePartFailsTheOthersHearOfIt) {
  ASSERT_EQ(at::get_num_threads(), 2);
  std::atomic<bool> heard = false;
  try {
    side_by_side(2, kCpu, [&](int64_t begin, int64_t, const std::atomic<bool>& is_stopped) {
      if (begin == 0) throw Error("the first");
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
      while (!is_stopped && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      heard = is_stopped.load();
      throw Error("the second");
    });
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the first");
  }
  EXPECT_TRUE(heard);
}

}  // namespace dmcvr
