// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/cine.h"

#include <c10/util/Exception.h>

namespace dmcvr {

Volume Cine::phase(int64_t phase_index) const {
  return {grid, voxels.select(0, phase_index)};
}

void Cine::check() const {
  const auto& size = grid.size;
  TORCH_CHECK(
      voxels.defined() && voxels.scalar_type() == torch::kFloat32 && voxels.device().is_cpu(),
      "Cine: the voxels are not float32 on the CPU");
  TORCH_CHECK(voxels.dim() == 4 && voxels.size(0) > 0, "Cine: voxels ", voxels.sizes(),
              " are not [T, D, H, W] with at least one phase");
  TORCH_CHECK(voxels.sizes().slice(1) == at::IntArrayRef({size[2], size[1], size[0]}),
              "Cine: voxels ", voxels.sizes(), " and grid ", size[0], "x", size[1], "x", size[2],
              " disagree");
  TORCH_CHECK(times_ms.empty() || static_cast<int64_t>(times_ms.size()) == phase_count(),
              "Cine: ", times_ms.size(), " times for ", phase_count(), " phases");
}

}  // namespace dmcvr
