// SPDX-License-Identifier: Apache-2.0
// Training slices in one file, in the unit values and at the pixel size of an input rule, small
// enough to travel: 8-bit values, coded without loss (pixel_coder.h).
#pragma once

#include "dmcvr/core/input_rule.h"

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// Unit values u of the input rule (core/input_rule.h) are stored as round(200 u) in 0..255, so that
// the clip limit of 1.275 fits and a step is 0.005.
constexpr double kPackedSteps = 200;

struct PackedSlice {
  torch::Tensor image;     // [H, W] uint8, kPackedSteps x unit value
  torch::Tensor labels;    // [H, W] uint8 of label_table(); undefined for unlabeled slices
  int64_t case_index = 0;  // slices of one subject share it; nothing else identifies the subject
  int64_t phase_index = 0;
  int64_t slice_index = 0;    // along the stack
  double spacing_mm = 1.25;   // of the pixels of image and labels
  double pitch_mm = 0;        // to the neighboring slice of the stack
  bool is_synthetic = false;  // phantom or painted label map
  int64_t part_index = 0;     // of the sets that were joined; not kept in files
};

struct PackedSlices {
  InputRule rule;                    // that made them; patch size and range play no part
  std::vector<std::string> sources;  // "ACDC training, 75 cases": for the model card
  std::vector<PackedSlice> slices;
};

// Atomic. Throws Error when writing fails.
void write_packed(const std::filesystem::path& path, const PackedSlices& packed);
// Whether a file begins as packed slices do, of any version.
bool is_packed(const std::filesystem::path& path);

// Throws Error for anything but a complete file of this version with a right checksum; sizes are
// checked before memory is taken.
PackedSlices read_packed(const std::filesystem::path& path);

// Of all pictures and labels, in hex: what tells one set from another of the same size.
std::string content_sha256(const PackedSlices& packed);

// How many pictures of `some` are in `others`, pixel by pixel: slices of one subject on both sides
// of a split, whatever their files call it.
int64_t count_shared(const PackedSlices& some, const PackedSlices& others);

// Throws Error if a network with `rule` cannot learn from the slices, since its pictures will have
// another brightness, or acquired pixels where these were resampled.
void check_rule(const PackedSlices& packed, const InputRule& rule);

// All slices one after the other, part_index counting the parts; subjects of different parts stay
// different. Throws Error if their
// rules differ. Without parts, no slices.
PackedSlices joined(const std::vector<PackedSlices>& parts);

}  // namespace dmcvr
