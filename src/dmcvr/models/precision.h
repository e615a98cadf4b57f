// SPDX-License-Identifier: Apache-2.0
// Mixed precision: weights and their updates in float32, convolutions and matrix products in
// bfloat16, for which CPUs (AVX-512 bf16) and recent GPUs have instructions of their own.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

namespace dmcvr {

enum class Precision {
  float32,
  bfloat16,
  automatic,  // bfloat16 on processors and devices with instructions for it, else float32
};

NLOHMANN_JSON_SERIALIZE_ENUM(Precision, {{Precision::float32, "float32"},
                                         {Precision::bfloat16, "bfloat16"},
                                         {Precision::automatic, "automatic"}})

// Whether networks can compute in bfloat16 there at all: on x86 that takes AVX-512.
bool computes_in_bfloat16(const torch::Device& device);

// float32 or bfloat16: what `precision` means on `device`. Throws Error where it is bfloat16 and
// the device cannot compute in it.
Precision resolved(Precision precision, const torch::Device& device);

// While one lives, networks called on this thread compute in the given precision, not `automatic`;
// the backward pass follows what the forward pass did. Not to be nested.
class PrecisionScope {
 public:
  explicit PrecisionScope(Precision precision);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  bool is_mixed_;
};

}  // namespace dmcvr
