// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/device.h"

#include "support.h"

#include "dmcvr/core/error.h"

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

}  // namespace dmcvr
