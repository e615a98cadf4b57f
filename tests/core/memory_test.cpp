// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/memory.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Memory, IsBetweenAMegabyteAndAPetabyte) {
  const int64_t bytes = available_memory_bytes();
  EXPECT_GT(bytes, int64_t{1} << 20);
  EXPECT_LT(bytes, int64_t{1} << 50);
}

TEST(ItemsWithin, IsOneAtLeast) {
  EXPECT_EQ(items_within(512, int64_t{100} << 20), 5);
  EXPECT_EQ(items_within(1, int64_t{1} << 40), 1);
}

}  // namespace dmcvr
