// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/volume.h"

#include <c10/util/Exception.h>

namespace dmcvr {

void Volume::check() const {
  const auto& size = grid.size;
  TORCH_CHECK(
      voxels.defined() && voxels.scalar_type() == torch::kFloat32 && voxels.device().is_cpu(),
      "Volume: the voxels are not float32 on the CPU");
  TORCH_CHECK(voxels.sizes() == at::IntArrayRef({size[2], size[1], size[0]}), "Volume: voxels ",
              voxels.sizes(), " and grid ", size[0], "x", size[1], "x", size[2], " disagree");
}

}  // namespace dmcvr
