// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/painted_map.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// The left ventricle of ellipsoids, 80 mm long, and a ball for the right one; the heart's frame is
// the map's own, shifted.
TissueMap ellipsoid_map() {
  TissueMap map;
  map.grid.size = {150, 100, 130};
  map.grid.world_from_voxel.offset = {-90, -50, -20};
  map.voxels = torch::zeros({130, 100, 150}, torch::kUInt8);
  auto* voxels = map.voxels.data_ptr<uint8_t>();
  for (int64_t k = 0; k < 130; ++k) {
    for (int64_t j = 0; j < 100; ++j) {
      for (int64_t i = 0; i < 150; ++i) {
        const auto x = static_cast<double>(i - 90), y = static_cast<double>(j - 50);
        const auto z = static_cast<double>(k - 20);
        const auto inside = [&](double a, double b) {
          return z >= 0 && (x * x + y * y) / (a * a) + z * z / (b * b) <= 1;
        };
        Tissue tissue = Tissue::none;
        if (std::hypot(x + 45, y, z - 30) < 25) tissue = Tissue::rvc;
        if (inside(33, 80)) tissue = Tissue::lvm;
        if (inside(23, 70)) tissue = Tissue::lvc;
        voxels[(k * 100 + j) * 150 + i] = static_cast<uint8_t>(tissue);
      }
    }
  }
  map.world_from_heart.matrix = {{{1, 0, 0}, {0, -1, 0}, {0, 0, 1}}};
  map.length_mm = 80;
  return map;
}

double ml_of(const Study& study, int64_t label) {
  return static_cast<double>((study.labels->voxels == label).sum().item<int64_t>()) *
         study.sax.grid.voxel_ml();
}

}  // namespace

TEST(PaintMapProperty, VolumesAreThoseOfTheMapUpToItsDrawnSize) {
  const TissueMap map = ellipsoid_map();
  const double cavity_ml = (map.voxels == kLvc).sum().item<double>() / 1000;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    const Study study = paint_map(map, seed);
    study.check();
    EXPECT_EQ(study.phase_names, std::vector<std::string>{"ed"});
    EXPECT_EQ(study.source, "painted map");
    // The cube of a size of ±21 % (three deviations) by a length of ±15 %, and what slices of
    // 10 mm leave at both ends.
    EXPECT_GT(ml_of(study, kLvc), 0.45 * cavity_ml) << seed;
    EXPECT_LT(ml_of(study, kLvc), 2.1 * cavity_ml) << seed;
    EXPECT_GT(ml_of(study, kLvm), 0);
    EXPECT_GT(ml_of(study, kRvc), 0);
    // Slices lie across the axis: their normal is within some degrees of it, up to handedness.
    const Point normal = unit_vector(study.sax.grid.world_from_voxel.column(2));
    EXPECT_GT(std::abs(normal[2]), std::cos(3 * 0.12 * std::sqrt(2.0)));
    // Blood is bright, muscle dark.
    const auto mean = [&](int64_t label) {
      return study.sax.voxels.masked_select(study.labels->voxels == label).mean().item<double>();
    };
    EXPECT_GT(mean(kLvc), 1.5 * mean(kLvm)) << seed;
  }
}

TEST(PaintMap, TheSeedAloneDecides) {
  const TissueMap map = ellipsoid_map();
  const Study one = paint_map(map, 4), same = paint_map(map, 4), other = paint_map(map, 5);
  EXPECT_TRUE(one.sax.voxels.equal(same.sax.voxels));
  EXPECT_TRUE(one.labels->voxels.equal(same.labels->voxels));
  EXPECT_FALSE(same_grid(one.sax.grid, other.sax.grid));
}

// Labels lie where the tissue is in the world, up to size, breath and tilt about the middle.
TEST(PaintMap, TheHeartStaysWhereItIsInTheWorld) {
  const Study study = paint_map(ellipsoid_map(), 2);
  const auto places = (study.labels->voxels[0] == kLvc).nonzero().to(torch::kFloat64).mean(0);
  const Point center = study.sax.grid.world_from_voxel(
      {places[2].item<double>(), places[1].item<double>(), places[0].item<double>()});
  EXPECT_LT(std::hypot(center[0], center[1]), 8);
  EXPECT_NEAR(center[2], 26, 10);
}

}  // namespace dmcvr
