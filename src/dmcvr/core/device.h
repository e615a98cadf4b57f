// SPDX-License-Identifier: Apache-2.0
// Where networks compute.
#pragma once

#include <torch/types.h>

#include <string>

namespace dmcvr {

// "cpu", "cuda", "cuda:1". Throws Error for another word and for a device that is not there.
torch::Device device_named(const std::string& name);

}  // namespace dmcvr
