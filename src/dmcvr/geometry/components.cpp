// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/components.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>

namespace dmcvr {
namespace {

using Step = std::array<int64_t, 3>;

std::vector<Step> neighbor_steps(Connectivity connectivity) {
  std::vector<Step> steps;
  for (int64_t k = -1; k <= 1; ++k) {
    for (int64_t j = -1; j <= 1; ++j) {
      for (int64_t i = -1; i <= 1; ++i) {
        const int64_t distance = std::abs(k) + std::abs(j) + std::abs(i);
        if (distance == 1 || (distance > 1 && connectivity == Connectivity::corners)) {
          steps.push_back({k, j, i});
        }
      }
    }
  }
  return steps;
}

}  // namespace

Components connected_components(const torch::Tensor& mask, Connectivity connectivity) {
  TORCH_CHECK(mask.dim() == 3, "connected_components: a mask [D, H, W] is needed, not ",
              mask.sizes());
  const auto inside = mask.to(torch::kBool).contiguous();
  const int64_t depth = mask.size(0), height = mask.size(1), width = mask.size(2);
  const bool* is_inside = inside.data_ptr<bool>();
  auto ids = torch::zeros(mask.sizes(), torch::kInt32);
  auto* id = ids.data_ptr<int32_t>();

  // Flood every voxel of the mask that no component has reached yet.
  const auto steps = neighbor_steps(connectivity);
  std::vector<int64_t> sizes, open;
  for (int64_t seed = 0; seed < inside.numel(); ++seed) {
    if (!is_inside[seed] || id[seed] != 0) continue;
    sizes.push_back(0);
    const auto current = static_cast<int32_t>(sizes.size());
    id[seed] = current;
    open.assign(1, seed);
    while (!open.empty()) {
      const int64_t voxel = open.back();
      open.pop_back();
      ++sizes.back();
      const int64_t k = voxel / (height * width), j = voxel / width % height, i = voxel % width;
      for (const auto& step : steps) {
        const int64_t kn = k + step[0], jn = j + step[1], in = i + step[2];
        if (kn < 0 || kn >= depth || jn < 0 || jn >= height || in < 0 || in >= width) continue;
        const int64_t neighbor = (kn * height + jn) * width + in;
        if (!is_inside[neighbor] || id[neighbor] != 0) continue;
        id[neighbor] = current;
        open.push_back(neighbor);
      }
    }
  }

  // Number them from large to small.
  std::vector<int32_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t a, int32_t b) { return sizes[a] > sizes[b]; });
  Components components{ids, {}};
  std::vector<int32_t> rank(sizes.size() + 1, 0);
  for (size_t place = 0; place < order.size(); ++place) {
    rank[order[place] + 1] = static_cast<int32_t>(place + 1);
    components.sizes.push_back(sizes[order[place]]);
  }
  for (int64_t voxel = 0; voxel < inside.numel(); ++voxel) id[voxel] = rank[id[voxel]];
  return components;
}

}  // namespace dmcvr
