// SPDX-License-Identifier: Apache-2.0
// Small pictures to learn from: a bright ring beside a crescent, somewhere in the field of view.
#pragma once

#include "dmcvr/dataset/packed_slices.h"

#include <cmath>

namespace dmcvr::test {

// `count` slices of 96 x 96 pixels in stacks of two, with labels.
inline PackedSlices ring_slices(int64_t count) {
  PackedSlices packed;
  packed.rule = small_segmenter_rule();
  packed.sources = {"rings"};
  for (int64_t i = 0; i < count; ++i) {
    const double phase = static_cast<double>(i);
    const auto y = torch::arange(96, torch::kFloat32).unsqueeze(1) - (46 + 6 * std::sin(phase));
    const auto x = torch::arange(96, torch::kFloat32) - (50 + 6 * std::cos(phase));
    const auto radius = (y * y + x * x).sqrt();
    const auto right = (y * y + (x + 20) * (x + 20)).sqrt();
    PackedSlice slice;
    slice.labels = torch::zeros({96, 96}, torch::kUInt8);
    slice.labels.masked_fill_(right < 14, 3);
    slice.labels.masked_fill_(radius < 16, 2);
    slice.labels.masked_fill_(radius < 9, 1);
    slice.image =
        (30 + 130 * (slice.labels == 1) + 20 * (slice.labels == 2) + 110 * (slice.labels == 3))
            .to(torch::kUInt8);
    slice.case_index = i / 2;
    slice.slice_index = i % 2;
    slice.pitch_mm = 10;
    packed.slices.push_back(slice);
  }
  return packed;
}

}  // namespace dmcvr::test
