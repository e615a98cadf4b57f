// SPDX-License-Identifier: Apache-2.0
// What a slice becomes (DMCVR, section 2.1): what it shows, where its structures lie, and all the
// rest.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace dmcvr {

// The codes of N slices in the order of the slices. A code that a method does without is undefined:
// l_mor in a diffusion autoencoder, x_T where noise is drawn from a seed.
struct Codes {
  torch::Tensor z_sem;  // [N, E]: global semantics
  torch::Tensor l_mor;  // [N, C, h, w]: regional morphology
  torch::Tensor x_T;    // [N, 1, P, P]: stochastic detail, near unit variance

  // Slices; 0 if no code is defined.
  int64_t count() const;
  // TORCH_CHECKs that defined codes have these ranks and one count.
  void check() const;
};

// `count` slices from `first` on; shares memory.
Codes narrow(const Codes& codes, int64_t first, int64_t count);

// The slices at the given indices, in that order.
Codes select(const Codes& codes, const std::vector<int64_t>& indices);

// All slices of all parts in order. The parts have the same codes defined.
Codes concatenate(const std::vector<Codes>& parts);

}  // namespace dmcvr
