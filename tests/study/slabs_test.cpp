// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/slabs.h"

#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <numeric>

namespace dmcvr {
namespace {

PicturePlane slab_plane(double z_mm) {
  PicturePlane plane;
  plane.columns = 90;
  plane.rows = 80;
  plane.spacing_mm = 3;
  plane.origin_mm = {-120, -110};
  plane.z_mm = z_mm;
  return plane;
}

}  // namespace

TEST(SlabRuleProperty, SharesAddUpAndKeepTheMiddle) {
  for (const double thickness : {0.5, 1.5, 6.0, 7.3, 8.0}) {
    for (const double step : {0.9, 1.5, 2.0, 10.0}) {
      const SlabRule rule = slab_rule(thickness, step);
      EXPECT_NEAR(std::accumulate(rule.shares.begin(), rule.shares.end(), 0.0), 1, 1e-12);
      EXPECT_EQ(rule.shares.size() % 2, 1u);
      for (size_t i = 0; i < rule.shares.size(); ++i) {
        EXPECT_GT(rule.shares[i], 0) << thickness << " in steps of " << step;
        EXPECT_NEAR(rule.shares[i], rule.shares[rule.shares.size() - 1 - i], 1e-12);
      }
      EXPECT_EQ(rule.offsets_mm[rule.shares.size() / 2], 0);
      // The planes stand for the slab and no more.
      EXPECT_LT(rule.offsets_mm.back(), thickness / 2 + step / 2);
    }
  }
}

TEST(SlabRule, AThinSlabIsOnePlane) {
  EXPECT_EQ(slab_rule(1.2, 1.5).shares, std::vector<double>{1});
  EXPECT_EQ(slab_rule(1.5, 1.5).shares, std::vector<double>{1});
}

TEST(Slabs, AreTheMeansOfTheirPlanes) {
  const HeartShape shape = draw_heart(5);
  const HeartPhase phase = heart_at(shape, 0.5);
  const Thorax thorax(5, {}, {});
  const HeartPainter painter(5, shape, {});

  // Two slabs of three planes each, one of which they share.
  std::vector<PicturePlane> thin;
  std::vector<torch::Tensor> whole;  // planes with their heart
  for (const double z : {20.0, 23.0, 26.0, 29.0, 32.0}) {
    thin.push_back(slab_plane(z));
    const auto chest = thorax.paint(thin.back());
    auto picture = chest.clone();
    lay_over(painter.paint(phase, thin.back()), 1, chest.data_ptr<float>(),
             picture.data_ptr<float>(), 90);
    whole.push_back(picture);
  }
  const SlabRule rule = slab_rule(8, 3);
  ASSERT_EQ(rule.shares.size(), 3u);
  const auto slabs = Slabs(thorax, thin, {0, 2}, rule).pictures([&](const PicturePlane& plane) {
    return painter.paint(phase, plane);
  });
  ASSERT_EQ(slabs.sizes(), at::IntArrayRef({2, 80, 90}));
  for (int64_t n = 0; n < 2; ++n) {
    const auto first = static_cast<size_t>(2 * n);
    const auto mean = whole[first] * rule.shares[0] + whole[first + 1] * rule.shares[1] +
                      whole[first + 2] * rule.shares[2];
    // They differ only where chest and heart mix at a border that moves with z.
    EXPECT_LT((slabs[n] - mean).abs().mean().item<double>(), 0.004) << n;
    EXPECT_LT((slabs[n] - mean).abs().max().item<double>(), 0.25) << n;
  }
}

}  // namespace dmcvr
