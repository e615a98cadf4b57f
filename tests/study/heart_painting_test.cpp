// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_painting.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

struct Painted {
  torch::Tensor picture;  // on a black ground
  torch::Tensor labels;
};

Painted paint(uint64_t seed, double contraction, double along) {
  const HeartShape shape = draw_heart(seed);
  const HeartPhase phase = heart_at(shape, contraction);
  PicturePlane plane;
  plane.columns = plane.rows = 160;
  plane.spacing_mm = 1.5;
  plane.origin_mm = {-140, -120};
  plane.z_mm = phase.z_base_mm + along * (phase.z_apex_mm() - phase.z_base_mm);
  const auto black = torch::zeros({160, 160});
  auto picture = black.clone();
  const HeartLayer layer = HeartPainter(seed, shape, {}).paint(phase, plane);
  lay_over(layer, 1, black.data_ptr<float>(), picture.data_ptr<float>(), 160);
  return {picture, paint_labels(shape, phase, plane)};
}

}  // namespace

TEST(HeartPaintingProperty, PictureAndLabelsAgree) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    for (const double contraction : {0.0, 1.0}) {
      const Painted painted = paint(seed, contraction, 0.25);
      const auto mean = [&](int64_t label) {
        const auto inside = painted.picture.masked_select(painted.labels == label);
        EXPECT_GT(inside.numel(), 100) << seed << " " << label;
        return inside.mean().item<double>();
      };
      // Blood is drawn at 0.67 to 0.73; papillary muscles and trabeculae take up to a fourth of it.
      EXPECT_NEAR(mean(kLvc), 0.62, 0.12) << seed;
      EXPECT_NEAR(mean(kLvm), 0.24, 0.08) << seed;
      // Its blood is drawn at 0.48 to 0.66, and trabeculae take up to a third of that: the medians
      // of the ACDC training patients are 0.83 of those of the left ventricle, the phantoms' 0.87.
      EXPECT_NEAR(mean(kRvc), 0.49, 0.17) << seed;
    }
  }
}

TEST(HeartPainting, ALayerWithoutShareChangesNothing) {
  const HeartLayer layer{{2, 4, 1, 3}, std::vector<float>(9, 0), std::vector<float>(9, 0)};
  const auto chest = torch::rand({6, 6});
  auto slab = chest.clone();
  lay_over(layer, 0.7f, chest.data_ptr<float>(), slab.data_ptr<float>(), 6);
  EXPECT_TRUE(slab.equal(chest));
}

TEST(HeartPainting, LayersOfFullShareReplaceTheChestByTheirWeight) {
  const HeartLayer layer{{2, 4, 1, 3}, std::vector<float>(9, 0.5f), std::vector<float>(9, 1)};
  const auto chest = torch::full({6, 6}, 0.1f);
  auto slab = chest.clone();
  lay_over(layer, 0.25f, chest.data_ptr<float>(), slab.data_ptr<float>(), 6);
  EXPECT_NEAR(slab[2][3].item<float>(), 0.75 * 0.1 + 0.25 * 0.5, 1e-6);
  EXPECT_EQ(slab[0][0].item<float>(), 0.1f);
}

TEST(HeartPainting, FarFromTheHeartNothingIsPainted) {
  const HeartShape shape = draw_heart(1);
  const HeartPhase phase = heart_at(shape, 0);
  const HeartPainter painter(1, shape, {});
  PicturePlane plane;
  plane.columns = plane.rows = 20;
  for (const double z : {-100.0, phase.z_apex_mm() + 20}) {
    plane.z_mm = z;
    EXPECT_TRUE(painter.paint(phase, plane).share.empty());
    EXPECT_EQ(paint_labels(shape, phase, plane).max().item<int>(), 0);
  }
  // In the plane of the heart, but beside it.
  plane.z_mm = 30;
  plane.origin_mm = {600, 600};
  EXPECT_TRUE(painter.paint(phase, plane).share.empty());
}

}  // namespace dmcvr
