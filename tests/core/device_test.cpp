// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/device.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

namespace dmcvr {

TEST(DeviceNamed, KnowsTheProcessor) {
  EXPECT_TRUE(device_named("cpu").is_cpu());
}

TEST(DeviceNamed, RefusesWhatIsNoDeviceOrNotThere) {
  for (const char* name : {"", "gpu", "meta", "cpu:x", "cuda:77", "CPU"}) {
    EXPECT_THROW(device_named(name), Error) << name;
  }
}

TEST(RepeatConvolutions, LeavesProcessorsAsTheyAre) {
  const bool before = at::globalContext().deterministicCuDNN();
  repeat_convolutions(torch::kCPU);
  EXPECT_EQ(at::globalContext().deterministicCuDNN(), before);
  repeat_convolutions(torch::kCUDA);  // needs no GPU
  EXPECT_TRUE(at::globalContext().deterministicCuDNN());
  EXPECT_FALSE(at::globalContext().benchmarkCuDNN());
}

}  // namespace dmcvr
