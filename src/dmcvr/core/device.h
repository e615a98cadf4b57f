// SPDX-License-Identifier: Apache-2.0
// Where networks compute.
#pragma once

#include <torch/types.h>

#include <string>

namespace dmcvr {

// "cpu", "cuda", "cuda:1". Throws Error for another word and for a device that is not there.
torch::Device device_named(const std::string& name);

// From now on convolutions on GPUs add up in the same order every time, where cuDNN can; it is a
// little slower. On processors they do anyway.
void repeat_convolutions(const torch::Device& device);

}  // namespace dmcvr
