// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/map_painting.h"

#include "dmcvr/core/label_table.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Three slabs of 10 cubes each along x: blood of the LV, its muscle, blood of the RV.
TissueMap slab_map() {
  TissueMap map;
  map.grid.size = {30, 20, 20};
  map.voxels = torch::zeros({20, 20, 30}, torch::kUInt8);
  map.voxels.slice(2, 0, 10).fill_(static_cast<int64_t>(Tissue::lvc));
  map.voxels.slice(2, 10, 20).fill_(static_cast<int64_t>(Tissue::lvm));
  map.voxels.slice(2, 20, 30).fill_(static_cast<int64_t>(Tissue::rvc));
  return map;
}

PicturePlane slab_picture() {
  PicturePlane plane;
  plane.columns = 40;
  plane.rows = 20;
  plane.z_mm = 9.5;
  plane.origin_mm = {-5, 0};
  return plane;
}

}  // namespace

TEST(MapPainter, LabelsAreThoseOfTheMap) {
  const MapPainter painter(1, slab_map(), {}, {});
  const auto row = painter.labels(slab_picture())[10];
  EXPECT_EQ(row.slice(0, 0, 5).max().item<int64_t>(), 0);
  EXPECT_TRUE((row.slice(0, 5, 15) == kLvc).all().item<bool>());
  EXPECT_TRUE((row.slice(0, 15, 25) == kLvm).all().item<bool>());
  EXPECT_TRUE((row.slice(0, 25, 35) == kRvc).all().item<bool>());
  EXPECT_EQ(row.slice(0, 35).max().item<int64_t>(), 0);
}

TEST(MapPainter, MusclesAreDarkerThanBloodAndNothingIsPaintedOutside) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const MapPainter painter(seed, slab_map(), {}, {});
    const PicturePlane plane = slab_picture();
    const HeartLayer layer = painter.paint(plane);
    const auto mean = [&](int64_t first, const std::vector<float>& values) {
      double sum = 0;
      for (int64_t j = 0; j < plane.rows; ++j) {
        for (int64_t i = first; i < first + 8; ++i)
          sum += values[static_cast<size_t>(j * plane.columns + i)];
      }
      return sum / static_cast<double>(8 * plane.rows);
    };
    EXPECT_GT(mean(6, layer.brightness), 2 * mean(16, layer.brightness));
    EXPECT_GT(mean(26, layer.brightness), 1.5 * mean(16, layer.brightness));
    EXPECT_EQ(layer.share[10 * 40 + 8], 1);
    EXPECT_EQ(layer.share[10 * 40], 0);
    EXPECT_EQ(layer.brightness[10 * 40], 0);
  }
}

TEST(MapPainter, TheAffineSaysWhereThePlaneLies) {
  Affine deeper;
  deeper.offset = {0, 0, 100};
  const MapPainter painter(1, slab_map(), deeper, {});
  EXPECT_EQ(painter.labels(slab_picture()).max().item<int64_t>(), 0);
  Affine half;
  half.matrix = {{{2, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  EXPECT_EQ((MapPainter(1, slab_map(), half, {}).labels(slab_picture())[10] == kLvm)
                .sum()
                .item<int64_t>(),
            5);
}

}  // namespace dmcvr
