// SPDX-License-Identifier: Apache-2.0
// Rows of small pictures that show how a network in training does, as tensors: [H, W, 3] uint8.
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/training/loop.h"
#include "dmcvr/training/validation.h"

#include <torch/types.h>

#include <functional>
#include <vector>

namespace dmcvr {

// Unit values [H, W] in gray, 0 to 1; where `labels` [H, W] is given, its structures in color, half
// transparent: LVC red, LVM yellow, RVC blue.
torch::Tensor colored(const torch::Tensor& unit, const torch::Tensor& labels = {});

// From left to right, with a gap of two pixels.
torch::Tensor side_by_side(const std::vector<torch::Tensor>& pictures);

// `count` labeled slices, evenly chosen, on heart patches: picture, truth, prediction.
Pictures segmenter_strips(const PackedSlices& packed, const InputRule& rule,
                          const SegmentFunction& segment, int64_t count);

// What a generator makes of pictures [N, 1, P, P] in its range: their codes are read, and drawn.
struct CodesOfPictures {
  torch::Tensor z_sem;  // [N, E]
  torch::Tensor l_mor;  // [N, C, h, w] or undefined
};
struct GeneratorFunctions {
  std::function<CodesOfPictures(const torch::Tensor& x_0)> encode;
  std::function<Epsilon(const CodesOfPictures& codes)> epsilon;
};

// `count` evenly chosen slices that have two neighbors, on heart patches: picture, its round trip,
// and what the codes halfway between the neighbors draw, by the default solver. Slices of stacks
// with less than three slices have no neighbors; there are none where all stacks are such.
Pictures generator_strips(const PackedSlices& packed, const InputRule& rule,
                          const GeneratorFunctions& generator, int64_t count);

}  // namespace dmcvr
