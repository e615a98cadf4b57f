// SPDX-License-Identifier: Apache-2.0
// The classical baseline with motion: neighboring slices are deformed onto each other, and what
// lies between them is both, moved to where it lies, and mixed. Symmetric demons (Vercauteren et
// al., Diffeomorphic demons, NeuroImage 45, 2009) over pictures and signed distances of labels;
// slices by registration: Penney et al., IEEE TMI 23(7), 2004.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace dmcvr {

struct RegistrationOptions {
  double pixel_mm = 2.5;        // of the finest level, about; the deformation is smoother than that
  int64_t levels = 3;           // each of half the resolution of the next
  int64_t iterations = 40;      // on each level
  double smooth_pixels = 1.5;   // standard deviation; of each step and of the deformation after it
  double outline_weight = 0.2;  // of a signed distance of 10 mm, in pictures' unit contrasts

  void check() const;  // throws Error
};

// Displacements between two slices, `from` and `to` [C, H, W] of one scale: [2, H, W] float32,
// along columns and rows, in pixels, so that from(p − u(p) / 2) resembles to(p + u(p) / 2).
// Swapping the slices changes its sign.
torch::Tensor displacement(const torch::Tensor& from, const torch::Tensor& to, double pixel_mm,
                           const RegistrationOptions& options = {});

// Pictures and labels between slices.
struct Registered {
  torch::Tensor images;  // [M, H, W] float32
  torch::Tensor labels;  // [M, H, W] uint8; undefined without labels
};

// slices [D, H, W] float32 in any unit, and their labels [D, H, W] uint8, which may be undefined,
// at the ascending acquired_z_mm; M positions inside the stack. Labels follow from signed distances
// as in shape.h, moved before they are mixed: without displacement they are those of mix_shapes,
// and pictures those of mix_linearly.
Registered mix_registered(const torch::Tensor& slices, const torch::Tensor& labels,
                          const std::vector<double>& acquired_z_mm, const std::vector<double>& z_mm,
                          const std::array<double, 2>& slice_pixel_mm,
                          const RegistrationOptions& options = {});

}  // namespace dmcvr
