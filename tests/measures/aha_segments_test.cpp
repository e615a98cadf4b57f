// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/aha_segments.h"

#include "measures/ring_heart.h"

#include "dmcvr/measures/volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace dmcvr {
namespace {

using test::kDegree;
using test::RingGrid;
using test::RingHeart;

LvDivision divided(const Labels& labels) {
  return divide_lv(labels.voxels[0], labels.grid, plane_positions(labels.grid),
                   apex_is_last(labels));
}

TEST(AhaSegment, NumbersRunCounterClockwiseFromTheAnteriorWall) {
  const auto wall = [](size_t level, double degrees) {
    return aha_segments()[aha_segment(level, degrees * kDegree)].wall;
  };
  for (const size_t level : {0, 1}) {
    EXPECT_EQ(wall(level, -1), "anterior");
    EXPECT_EQ(wall(level, 1), "anteroseptal");
    EXPECT_EQ(wall(level, 61), "inferoseptal");
    EXPECT_EQ(wall(level, 121), "inferior");
    EXPECT_EQ(wall(level, 181), "inferolateral");
    EXPECT_EQ(wall(level, 241), "anterolateral");
    EXPECT_EQ(wall(level, 299), "anterolateral");
    EXPECT_EQ(wall(level, 359), "anterior");
  }
  // Quarters around the same middle of the anterior wall, 30 degrees before the insertion.
  EXPECT_EQ(wall(2, 14), "anterior");
  EXPECT_EQ(wall(2, 16), "septal");
  EXPECT_EQ(wall(2, 106), "inferior");
  EXPECT_EQ(wall(2, 196), "lateral");
  EXPECT_EQ(wall(2, -76), "lateral");
  EXPECT_EQ(aha_segment(0, -0.1), 0U);
  EXPECT_EQ(aha_segment(1, 0.1), 7U);
  EXPECT_EQ(aha_segment(2, 0.0), 12U);
}

TEST(AhaSegmentProperty, EverySegmentHasItsShareOfTheTurn) {
  std::array<int, kAhaSegments> count{};
  for (int degree = -720; degree < 720; ++degree) {
    for (size_t level = 0; level < 3; ++level)
      ++count[aha_segment(level, (degree + 0.5) * kDegree)];
  }
  for (size_t s = 0; s < kAhaSegments; ++s) EXPECT_EQ(count[s], s < 12 ? 240 : 360) << s + 1;
}

// A point in the middle of a wall of the world, and the segment that it must be in: whichever way
// the grid is turned, flipped and ordered.
TEST(DivideLvProperty, SegmentsAreThoseOfTheWorldOnEveryGrid) {
  for (const double turn : {0.0, 37.0, 90.0, 200.0}) {
    for (const bool columns : {false, true}) {
      for (const bool slices : {false, true}) {
        RingGrid wish;
        wish.turn = turn;
        wish.has_flipped_columns = columns;
        wish.has_flipped_slices = slices;
        const Grid grid = test::ring_grid(wish);
        const LvDivision division = divided(test::ring_labels({}, grid));
        ASSERT_EQ(division.problem, "");
        const Point u = test::ring_anterior(), v = cross(test::ring_apex(), u);
        const auto segment = [&](size_t level, double degrees) {
          const Point out =
              plus(times(std::cos(degrees * kDegree), u), times(std::sin(degrees * kDegree), v));
          const double along_columns = dot(out, grid.world_from_voxel.column(0));
          const double along_rows = dot(out, grid.world_from_voxel.column(1));
          return division.segment_at(level, std::atan2(along_rows, along_columns)) + 1;
        };
        // Within three degrees of the borders.
        for (size_t n = 0; n < 6; ++n) {
          const auto middle = 60.0 * static_cast<double>(n);
          for (const double off : {-27.0, 0.0, 27.0}) {
            EXPECT_EQ(segment(0, middle + off), n + 1) << turn << columns << slices;
            EXPECT_EQ(segment(1, middle + off), n + 7) << turn << columns << slices;
          }
        }
        for (size_t n = 0; n < 4; ++n)
          EXPECT_EQ(segment(2, 90.0 * static_cast<double>(n) + 40), n + 13);
        // The septum looks at the RV, whose middle lies at 90 degrees.
        EXPECT_EQ(segment(0, 85), 2U);
        EXPECT_EQ(segment(0, 95), 3U);
      }
    }
  }
}

// As ACDC has it: pictures seen from the apex, under a header that is diag(-1, -1, 1) times the
// spacing, whichever end comes first.
TEST(DivideLv, PicturesWithoutAnOrientationAreSeenFromTheApex) {
  for (const bool slices : {false, true}) {
    RingGrid wish;
    wish.turn = 90;  // rows run away from the anterior wall
    wish.has_flipped_columns = true;
    wish.has_flipped_slices = slices;
    Labels labels = test::ring_labels({}, test::ring_grid(wish));
    const LvDivision known = divided(labels);
    labels.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 8}}};
    const LvDivision lost = divided(labels);
    ASSERT_EQ(lost.problem, "");
    EXPECT_EQ(lost.turn, known.turn);
    EXPECT_NEAR(std::remainder(lost.insertion - known.insertion, 360 * kDegree), 0, 1e-6);
  }
}

TEST(DivideLv, ThirdsGoFromBaseToApexWhateverTheOrderOfSlices) {
  for (const bool slices : {false, true}) {
    RingGrid wish;
    wish.has_flipped_slices = slices;
    wish.planes = 9;
    RingHeart heart;
    heart.length_mm = 72;
    heart.rv_length_mm = 50;
    const LvDivision division = divided(test::ring_labels(heart, test::ring_grid(wish)));
    std::vector<int64_t> planes;
    std::vector<size_t> levels;
    for (const LvPlane& plane : division.planes) {
      planes.push_back(plane.plane);
      levels.push_back(plane.level);
    }
    EXPECT_THAT(levels, testing::ElementsAre(0, 0, 0, 1, 1, 1, 2, 2, 2));
    EXPECT_EQ(planes.front(), slices ? 8 : 0);
    EXPECT_EQ(planes.back(), slices ? 0 : 8);
  }
}

TEST(DivideLv, PlanesWhoseMuscleIsOpenDoNotCount) {
  const Grid grid = test::ring_grid({});
  Labels labels = test::ring_labels({}, grid);
  const auto before = divided(labels).planes.size();
  // A horseshoe, as at the outflow tract.
  auto base = labels.voxels[0][0].narrow(1, 0, grid.size[0] / 3);
  base.masked_fill_(base == kLvm, 0);
  EXPECT_EQ(divided(labels).planes.size(), before - 1);
}

TEST(DivideLv, AGapBesideTheRvIsBridged) {
  Labels labels = test::ring_labels({}, test::ring_grid({}));
  const double insertion = divided(labels).insertion;
  // The outermost pixels of the muscle are nobody's, and fewer pixels of the RV are within reach:
  // one of them spans three degrees.
  RingHeart thinner;
  thinner.wall_mm = [](double) { return 7.2; };
  const Labels inner = test::ring_labels(thinner, labels.grid);
  labels.voxels.masked_fill_((labels.voxels == kLvm) & (inner.voxels != kLvm), 0);
  const LvDivision division = divided(labels);
  ASSERT_EQ(division.problem, "");
  EXPECT_NEAR(std::remainder(division.insertion - insertion, 360 * kDegree), 0, 5 * kDegree);
}

TEST(DivideLv, SaysWhyThereIsNone) {
  const Labels labels = test::ring_labels({}, test::ring_grid({}));
  Labels changed = labels;
  changed.voxels = labels.voxels.clone();
  changed.voxels.masked_fill_(labels.voxels == kRvc, 0);
  EXPECT_THAT(divided(changed).problem, testing::HasSubstr("no RV touches"));
  changed.voxels = labels.voxels.clone();
  changed.voxels.slice(1, 2).masked_fill_(labels.voxels.slice(1, 2) == kLvm, 0);
  EXPECT_THAT(divided(changed).problem, testing::HasSubstr("fewer than three planes"));
  changed.voxels.zero_();
  EXPECT_THAT(divided(changed).problem, testing::HasSubstr("fewer than three planes"));
}

}  // namespace
}  // namespace dmcvr
