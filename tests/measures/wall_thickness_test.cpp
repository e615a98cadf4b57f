// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/wall_thickness.h"

#include "measures/ring_heart.h"

#include "dmcvr/measures/volumes.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

using test::RingGrid;
using test::RingHeart;

SegmentValues wall_of(const RingHeart& heart, const RingGrid& wish) {
  const Labels labels = test::ring_labels(heart, test::ring_grid(wish));
  const WallMeasures wall = measure_wall(labels, plane_positions(labels.grid), 0, std::nullopt);
  EXPECT_EQ(wall.problem, "");
  return wall.ed_mm;
}

TEST(WallThicknessProperty, ACylinderIsAsThickAsItIsWithinAQuarterOfAPixel) {
  for (const double pixel_mm : {1.0, 1.5, 2.0}) {
    for (const double thickness_mm : {4.0, 9.0, 14.3}) {
      RingHeart heart;
      heart.wall_mm = [&](double) { return thickness_mm; };
      RingGrid wish;
      wish.pixel_mm = pixel_mm;
      for (const auto& value : wall_of(heart, wish)) {
        ASSERT_TRUE(value);
        EXPECT_NEAR(*value, thickness_mm, pixel_mm / 4);
      }
    }
  }
}

// Thick in one segment after the other.
TEST(WallThicknessProperty, EverySegmentIsMeasuredInItsPlace) {
  for (size_t n = 0; n < 6; ++n) {
    const double middle = 60.0 * static_cast<double>(n);
    RingHeart heart;
    heart.wall_mm = [&](double angle) {
      const double off = std::abs(std::remainder(angle - middle, 360));
      return 8 + 4 * std::exp(-0.5 * (off / 20) * (off / 20));
    };
    const SegmentValues wall = wall_of(heart, {});
    for (const size_t first : {0, 6}) {
      for (size_t s = 0; s < 6; ++s) {
        if (s == n) {
          EXPECT_GT(*wall[first + s], 10);
        } else {
          EXPECT_LT(*wall[first + s], 9);
        }
      }
    }
  }
}

// But for where pixels happen to fall: the insertion moves by a pixel, 3 degrees, a border between
// angles by 1.5, the wall changes by 3 mm per radian, and the outlines by a tenth of a millimeter.
TEST(WallThicknessProperty, TurningThePicturesChangesNothing) {
  RingHeart heart;
  heart.wall_mm = [](double angle) { return 9 + 3 * std::cos((angle - 70) * test::kDegree); };
  const SegmentValues upright = wall_of(heart, {});
  for (const double turn : {15.0, 45.0, 90.0, 137.0, 270.0}) {
    RingGrid wish;
    wish.turn = turn;
    const SegmentValues turned = wall_of(heart, wish);
    for (size_t s = 0; s < kAhaSegments; ++s)
      EXPECT_NEAR(*turned[s], *upright[s], 0.35) << turn << " segment " << s + 1;
  }
}

// Flips give the same pixels in another order.
TEST(WallThicknessProperty, FlippedGridsGiveTheSameNumbers) {
  RingHeart heart;
  heart.wall_mm = [](double angle) { return 9 + 3 * std::cos((angle - 70) * test::kDegree); };
  const SegmentValues one = wall_of(heart, {});
  for (const bool columns : {false, true}) {
    for (const bool slices : {false, true}) {
      RingGrid wish;
      wish.has_flipped_columns = columns;
      wish.has_flipped_slices = slices;
      const SegmentValues other = wall_of(heart, wish);
      for (size_t s = 0; s < kAhaSegments; ++s)
        EXPECT_NEAR(*other[s], *one[s], 0.1) << columns << slices << " segment " << s + 1;
    }
  }
}

TEST(MeasureWall, ThickeningIsTheChangeFromEdToEs) {
  const Grid grid = test::ring_grid({});
  RingHeart es;
  es.cavity_mm = 14;
  es.wall_mm = [](double) { return 13.5; };
  Labels labels = test::ring_labels({}, grid);
  labels.voxels = torch::cat({labels.voxels, test::ring_labels(es, grid).voxels});
  const WallMeasures wall = measure_wall(labels, plane_positions(grid), 0, 1);
  for (size_t s = 0; s < kAhaSegments; ++s) {
    EXPECT_NEAR(*wall.thickening_percent[s], 50, 8);
    EXPECT_NEAR(*wall.thickening_percent[s], 100 * (*wall.es_mm[s] / *wall.ed_mm[s] - 1), 1e-9);
  }
}

TEST(MeasureWall, APhaseThatIsNotThereOrCannotBeDividedHasNoValues) {
  const Grid grid = test::ring_grid({});
  Labels labels = test::ring_labels({}, grid);
  const WallMeasures one = measure_wall(labels, plane_positions(grid), 0, std::nullopt);
  EXPECT_TRUE(one.ed_mm[0] && !one.es_mm[0] && !one.thickening_percent[0]);
  EXPECT_EQ(one.problem, "");

  labels.voxels = torch::cat({labels.voxels, labels.voxels});
  labels.voxels[1].masked_fill_(labels.voxels[1] == kRvc, 0);
  const WallMeasures two = measure_wall(labels, plane_positions(grid), 0, 1);
  EXPECT_TRUE(two.ed_mm[0] && !two.es_mm[0] && !two.thickening_percent[0]);
  EXPECT_EQ(two.problem.find("ES: "), 0U);
}

}  // namespace
}  // namespace dmcvr
