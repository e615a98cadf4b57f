// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/map_painting.h"

#include "dmcvr/core/random.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dmcvr {

MapPainter::MapPainter(uint64_t seed, TissueMap map, const Affine& voxel_from_plane,
                       const Contrast& contrast)
    : map_(std::move(map)),
      voxel_from_plane_(voxel_from_plane),
      contrast_(contrast),
      texture_(seed, "map texture") {
  auto generator = make_generator(seed, "map painting");
  const auto draw = [&](double low, double high) {
    return static_cast<float>(uniform(generator, low, high));
  };
  lv_blood_ = contrast.blood * draw(0.95, 1.05);
  rv_blood_ = contrast.blood * draw(0.75, 1);
  fat_ = contrast.fat * draw(0.5, 1);
  flow_ = draw(0.08, 0.24);
}

MapPainter::Shares MapPainter::shares_at(double x_mm, double y_mm, double z_mm) const {
  const Point p = voxel_from_plane_({x_mm, y_mm, z_mm});
  std::array<int64_t, 3> first{};
  std::array<float, 3> part{};
  for (size_t axis = 0; axis < 3; ++axis) {
    first[axis] = static_cast<int64_t>(std::floor(p[axis]));
    part[axis] = static_cast<float>(p[axis] - std::floor(p[axis]));
  }
  const auto* voxels = map_.voxels.data_ptr<uint8_t>();
  const auto& size = map_.grid.size;
  Shares shares{};
  for (int corner = 0; corner < 8; ++corner) {
    float weight = 1;
    int64_t place = 0;
    bool is_inside = true;
    for (int axis = 2; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      const int step = corner >> axis & 1;
      weight *= step != 0 ? part[a] : 1 - part[a];
      const int64_t index = first[a] + step;
      is_inside = is_inside && index >= 0 && index < size[a];
      place = place * size[a] + index;
    }
    shares[is_inside ? voxels[place] : 0] += weight;
  }
  return shares;
}

float MapPainter::brightness_of(Tissue tissue, float x, float y, float z) const {
  const float fine = texture_(x / 2.8f, y / 2.8f, z / 4), coarse = texture_(x / 7, y / 7, z / 8);
  switch (tissue) {
    case Tissue::lvm:
    case Tissue::wall:
      return contrast_.muscle * (1 + 0.1f * coarse + 0.09f * fine);
    case Tissue::fat:
      return fat_ * (1 + 0.18f * coarse + 0.1f * fine);
    default:
      break;
  }
  // Blood flows: bright and dark where it is fast or turns.
  const float flow =
      1 + flow_ * (texture_(x / 19, y / 19, z / 13) + 0.7f * texture_(x / 8, y / 8, z / 9) +
                   0.35f * texture_(x / 3.2f, y / 3.2f, z / 6));
  switch (tissue) {
    case Tissue::lvc:
      return lv_blood_ * flow;
    case Tissue::left_atrium:
    case Tissue::aorta:
      return 0.93f * lv_blood_ * flow;
    default:
      return rv_blood_ * flow;
  }
}

HeartLayer MapPainter::paint(const PicturePlane& plane) const {
  HeartLayer layer;
  layer.window = {0, plane.columns - 1, 0, plane.rows - 1};
  const auto count = static_cast<size_t>(plane.columns * plane.rows);
  layer.brightness.assign(count, 0);
  layer.share.assign(count, 0);
  size_t n = 0;
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i, ++n) {
      const auto p = plane.at(i, j);
      const Shares shares = shares_at(p[0], p[1], plane.z_mm);
      if (shares[0] == 1) continue;
      layer.share[n] = 1 - shares[0];
      for (size_t tissue = 1; tissue < kTissues; ++tissue) {
        if (shares[tissue] == 0) continue;
        layer.brightness[n] +=
            shares[tissue] * brightness_of(static_cast<Tissue>(tissue), static_cast<float>(p[0]),
                                           static_cast<float>(p[1]),
                                           static_cast<float>(plane.z_mm));
      }
    }
  }
  return layer;
}

torch::Tensor MapPainter::labels(const PicturePlane& plane) const {
  auto labels = torch::zeros({plane.rows, plane.columns}, torch::kUInt8);
  auto* pixels = labels.data_ptr<uint8_t>();
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const auto p = plane.at(i, j);
      const Shares shares = shares_at(p[0], p[1], plane.z_mm);
      const auto most = std::max_element(shares.begin(), shares.end()) - shares.begin();
      if (most < static_cast<int64_t>(Tissue::left_atrium))
        pixels[j * plane.columns + i] = static_cast<uint8_t>(most);
    }
  }
  return labels;
}

}  // namespace dmcvr
