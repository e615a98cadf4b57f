// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/labels.h"

#include "dmcvr/core/error.h"

#include <c10/util/Exception.h>

#include <array>

namespace dmcvr {

void Labels::check() const {
  const auto& size = grid.size;
  TORCH_CHECK(voxels.defined() && voxels.scalar_type() == torch::kUInt8 && voxels.device().is_cpu(),
              "Labels: the voxels are not uint8 on the CPU");
  TORCH_CHECK(voxels.dim() == 4 && voxels.size(0) > 0, "Labels: voxels ", voxels.sizes(),
              " are not [T, D, H, W] with at least one phase");
  TORCH_CHECK(voxels.sizes().slice(1) == at::IntArrayRef({size[2], size[1], size[0]}),
              "Labels: voxels ", voxels.sizes(), " and grid ", size[0], "x", size[1], "x", size[2],
              " disagree");
}

Labels relabel(const Labels& labels, const LabelTable& table) {
  labels.check();

  // New value of every old one; -1 where the old table has no name for it.
  std::array<int64_t, 256> target{};
  target.fill(-1);
  for (const auto& [from, to] : mapping(labels.table, table)) {
    TORCH_CHECK(from >= 0 && from < 256 && to >= 0 && to < 256, "relabel: ", from, " -> ", to,
                " does not fit into uint8");
    target[from] = to;
  }

  Labels result{labels.grid, labels.voxels.clone(at::MemoryFormat::Contiguous), table};
  uint8_t* voxels = result.voxels.data_ptr<uint8_t>();
  for (int64_t i = 0; i < result.voxels.numel(); ++i) {
    const int64_t value = target[voxels[i]];
    if (value < 0) {
      throw Error("label value {} is not in the table {}", voxels[i], to_string(labels.table));
    }
    voxels[i] = static_cast<uint8_t>(value);
  }
  return result;
}

}  // namespace dmcvr
