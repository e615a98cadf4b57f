// SPDX-License-Identifier: Apache-2.0
// Labels without what no heart has: islands and holes. Conservative: nothing moves a border, and a
// part that is large enough to be real stays.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

namespace dmcvr {

struct CleanupOptions {
  bool enabled = true;
  double min_fraction =
      0.1;  // parts smaller than this share of the largest part are islands, 0 to 1

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CleanupOptions, enabled, min_fraction)

// labels: [D, H, W] uint8 of label_table(), one phase; returns a new tensor.
// 1. Islands become background: parts of the whole heart, then of each structure, in 3-D with
//    voxels that touch at a corner connected.
// 2. A heart has one left ventricle, LVC and LVM together. Its regions in neighboring slices lie
//    above each other, one covering at least a quarter of the other (in ACDC's labels two fifths);
//    of the parts that this gives the one with the most LVM stays, and parts in other slices that
//    lie where it ends. What is left, such as an atrium taken for a ventricle, becomes background.
// 3. Holes are filled, slice by slice: background that does not reach the border of the picture
//    and that only the left ventricle surrounds becomes cavity if the slice has no cavity yet,
//    else the structure that most of its neighbors belong to; background that only the right
//    ventricle surrounds becomes RVC. A gap between both ventricles stays: it may be fat.
torch::Tensor cleanup(const torch::Tensor& labels, const CleanupOptions& options = {});

}  // namespace dmcvr
