// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/device.h"

#include "dmcvr/core/error.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

namespace dmcvr {

torch::Device device_named(const std::string& name) {
  try {
    const torch::Device device(name);
    if (device.is_cuda() && !torch::cuda::is_available()) {
      throw Error("device {}: this LibTorch finds no CUDA device; use --device cpu", name);
    }
    if (!device.is_cpu() && !device.is_cuda()) throw Error("device {}: expected cpu or cuda", name);
    if (device.is_cuda() && device.index() >= static_cast<int64_t>(torch::cuda::device_count())) {
      throw Error("device {}: there are {} CUDA devices, counted from 0", name,
                  torch::cuda::device_count());
    }
    return device;
  } catch (const c10::Error&) {
    throw Error("device {}: expected cpu, cuda or cuda:N", name);
  }
}

void repeat_convolutions(const torch::Device& device) {
  if (!device.is_cuda()) return;
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

}  // namespace dmcvr
