// SPDX-License-Identifier: Apache-2.0
// The differences between LibTorch 1.13 and 2.x, and nothing else.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/types.h>
#include <torch/version.h>

#include <sstream>
#include <string>
#include <type_traits>

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

// A TCPStore serves without libuv, which 2.4 and later ask for and some builds lack.
template <typename StoreOptions>
auto serve_plainly(StoreOptions& options, int /*preferred*/) -> decltype(options.useLibUV, void()) {
  options.useLibUV = false;
}
template <typename StoreOptions>
void serve_plainly(StoreOptions& /*options*/, long /*where there is no choice*/) {}

// The key of a parameter in an optimizer's table of states: its address, in 1.13 as text.
template <typename Table>
typename Table::key_type parameter_key(const Table& /*table*/, const torch::Tensor& parameter) {
  if constexpr (std::is_same_v<typename Table::key_type, std::string>) {
    std::ostringstream address;
    address << parameter.unsafeGetTensorImpl();
    return address.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

}  // namespace dmcvr
