// SPDX-License-Identifier: Apache-2.0
// Which voxel belongs to which structure, over the phases, with the table that names the values.
#pragma once

#include "dmcvr/core/label_table.h"
#include "dmcvr/geometry/grid.h"

#include <torch/types.h>

namespace dmcvr {

struct Labels {
  Grid grid;
  torch::Tensor voxels;  // [T, D, H, W], uint8, CPU
  LabelTable table = label_table();

  int64_t phase_count() const { return voxels.size(0); }
  void check() const;  // TORCH_CHECKs that voxels and grid agree
};

// The same labels with the values of another table, matched by name. Throws Error for a value that
// the labels' own table lacks.
Labels relabel(const Labels& labels, const LabelTable& table);

}  // namespace dmcvr
