// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/topology.h"

#include <ATen/Functions.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <queue>
#include <tuple>
#include <vector>

namespace dmcvr {
namespace {

constexpr int kCube = 27;  // voxels of a neighborhood, its middle included, at 9 k + 3 j + i
constexpr int kMiddle = 13;

// For every voxel of the cube, which others share a face, or a face or an edge, as bits.
struct CubeTables {
  std::array<uint32_t, kCube> by_faces{}, by_edges{};

  CubeTables() {
    for (int a = 0; a < kCube; ++a) {
      for (int b = 0; b < kCube; ++b) {
        const int distance =
            std::abs(a / 9 - b / 9) + std::abs(a / 3 % 3 - b / 3 % 3) + std::abs(a % 3 - b % 3);
        const bool is_next = std::abs(a / 9 - b / 9) <= 1 && std::abs(a / 3 % 3 - b / 3 % 3) <= 1 &&
                             std::abs(a % 3 - b % 3) <= 1;
        if (!is_next || distance == 0) continue;
        if (distance <= 1) by_faces[a] |= 1U << b;
        if (distance <= 2) by_edges[a] |= 1U << b;
      }
    }
  }
};

// Of the voxels of a cube (bits) those within three steps over faces: the ones that share a face
// with the middle, the edge voxels next to these, the corners next to those.
uint32_t within_three_steps(uint32_t voxels, const CubeTables& tables) {
  uint32_t reached = voxels & tables.by_faces[kMiddle];
  for (int step = 0; step < 2; ++step) {
    uint32_t next = 0;
    for (int v = 0; v < kCube; ++v) {
      if ((reached >> v & 1U) != 0) next |= tables.by_faces[v];
    }
    reached |= next & voxels;
  }
  return reached;
}

// Connected parts of the voxels of a cube (bits, without the middle) that touch the middle.
int parts_at_middle(uint32_t voxels, const std::array<uint32_t, kCube>& next) {
  int parts = 0;
  uint32_t left = voxels;
  while ((left & next[kMiddle]) != 0) {
    // Flood from one voxel that touches the middle.
    uint32_t part = left & next[kMiddle];
    part &= ~part + 1;
    for (uint32_t front = part; front != 0;) {
      uint32_t reached = 0;
      for (int v = 0; v < kCube; ++v) {
        if ((front >> v & 1U) != 0) reached |= next[v];
      }
      front = reached & left & ~part;
      part |= front;
    }
    left &= ~part;
    ++parts;
  }
  return parts;
}

// Steps from each voxel of the mask to the outside, counted over the 26 neighbors; 0 outside.
std::vector<int32_t> depths(const std::vector<uint8_t>& mask, const std::vector<int64_t>& cube) {
  std::vector<int32_t> depth(mask.size(), 0);
  std::vector<int64_t> layer, next;
  for (size_t v = 0; v < mask.size(); ++v) {
    if (mask[v] == 0) continue;
    depth[v] = -1;
    for (const int64_t step : cube) {
      if (mask[static_cast<size_t>(static_cast<int64_t>(v) + step)] == 0) depth[v] = 1;
    }
    if (depth[v] == 1) layer.push_back(static_cast<int64_t>(v));
  }
  for (int32_t level = 2; !layer.empty(); ++level) {
    next.clear();
    for (const int64_t v : layer) {
      for (const int64_t step : cube) {
        if (depth[v + step] != -1) continue;
        depth[v + step] = level;
        next.push_back(v + step);
      }
    }
    layer.swap(next);
  }
  return depth;
}

// How many voxels of the mask lie around each, which tells the middle of a sheet from its edge
// where depths do not. mask: uint8, with a border.
std::vector<int32_t> fullness(const torch::Tensor& mask) {
  constexpr int64_t kReach = 3, kSide = 2 * kReach + 1;
  const std::vector<int64_t> border(6, kReach);
  const auto wide = at::constant_pad_nd(mask, border).to(torch::kFloat32);
  const auto share = at::avg_pool3d(wide.unsqueeze(0).unsqueeze(0), kSide, /*stride=*/1);
  const auto count = (share * (kSide * kSide * kSide)).round().to(torch::kInt32).contiguous();
  const int32_t* first = count.data_ptr<int32_t>();
  return {first, first + count.numel()};
}

}  // namespace

torch::Tensor sphere_in(const torch::Tensor& mask) {
  TORCH_CHECK(mask.dim() == 3 && mask.scalar_type() == torch::kBool && mask.any().item<bool>(),
              "sphere_in: a mask [D, H, W] of bool with some voxel is needed");
  static const CubeTables tables;

  // Voxels in a row, with a border so that every voxel has 26 neighbors.
  const auto bordered = at::constant_pad_nd(mask, {1, 1, 1, 1, 1, 1}).to(torch::kUInt8);
  const int64_t width = bordered.size(2), area = bordered.size(1) * width;
  const uint8_t* first = bordered.data_ptr<uint8_t>();
  const std::vector<uint8_t> allowed(first, first + bordered.numel());
  std::vector<int64_t> cube(kCube);
  for (int v = 0; v < kCube; ++v) {
    cube[v] = (v / 9 - 1) * area + (v / 3 % 3 - 1) * width + (v % 3 - 1);
  }
  const auto depth = depths(allowed, cube);
  const auto full = fullness(bordered);

  // Deepest first, then where most is around, so that the cut through a handle comes to lie where
  // the mask is thin; then in the order of memory.
  using Candidate = std::tuple<int32_t, int32_t, int64_t>;  // depth, fullness, minus place
  std::priority_queue<Candidate> open;
  std::vector<uint8_t> body(allowed.size(), 0), is_open(allowed.size(), 0);
  const auto add = [&](int64_t voxel) {
    body[voxel] = 1;
    for (const int64_t step : cube) {
      const int64_t near = voxel + step;
      if (allowed[near] == 0 || body[near] != 0 || is_open[near] != 0) continue;
      is_open[near] = 1;
      open.emplace(depth[near], full[near], -near);
    }
  };
  int64_t seed = 0;
  for (size_t v = 0; v < depth.size(); ++v) {
    if (depth[v] > depth[seed]) seed = static_cast<int64_t>(v);
  }
  add(seed);
  constexpr uint32_t kAround = ((1U << kCube) - 1) & ~(1U << kMiddle);
  while (!open.empty()) {
    const int64_t voxel = -std::get<2>(open.top());
    open.pop();
    is_open[voxel] = 0;
    uint32_t inside = 0;
    for (int v = 0; v < kCube; ++v) inside |= static_cast<uint32_t>(body[voxel + cube[v]]) << v;
    // A voxel that is refused is asked again when a neighbor joins.
    if (parts_at_middle(within_three_steps(inside & kAround, tables), tables.by_faces) == 1 &&
        parts_at_middle(~inside & kAround, tables.by_edges) == 1) {
      add(voxel);
    }
  }
  auto result = at::empty(bordered.sizes(), torch::kUInt8);
  std::copy(body.begin(), body.end(), result.data_ptr<uint8_t>());
  return result.slice(0, 1, -1).slice(1, 1, -1).slice(2, 1, -1).to(torch::kBool);
}

}  // namespace dmcvr
