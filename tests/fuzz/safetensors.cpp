// SPDX-License-Identifier: Apache-2.0
// Files of tensors, as weights and checkpoints are.
#include "dmcvr/core/safetensors.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dmcvr::fuzz::read_as_file(data, size, ".safetensors", [](const std::filesystem::path& path) {
    dmcvr::read_safetensors_metadata(path);
    for (const auto& [name, tensor] : dmcvr::read_safetensors(path).tensors) {
      if (!tensor.is_contiguous()) throw std::logic_error(name);
    }
  });
  return 0;
}
