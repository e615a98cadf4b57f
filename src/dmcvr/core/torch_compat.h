// SPDX-License-Identifier: Apache-2.0
// The differences between LibTorch 1.13 and 2.x, and nothing else.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/types.h>
#include <torch/version.h>

namespace dmcvr {

// Whether convolutions and matrix products of this thread run in bfloat16, on CPU and GPU alike.
inline void set_autocast(bool is_on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  for (const auto device : {at::kCPU, at::kCUDA}) {
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, is_on);
  }
#else
  at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  at::autocast::set_cpu_enabled(is_on);
  at::autocast::set_enabled(is_on);
#endif
}

}  // namespace dmcvr
