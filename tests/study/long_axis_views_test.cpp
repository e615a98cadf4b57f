// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/long_axis_views.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

PhantomOptions view_options(int64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.phases = 2;
  options.spacing_mm = 2.5;
  options.matrix = 96;
  options.breath_hold_mm = 0;
  options.dense = false;
  return options;
}

int64_t label_count(const View& view, int64_t label) {
  return (view.labels->voxels == label).sum().item<int64_t>();
}

}  // namespace

TEST(LongAxisProperty, PlanesHoldTheAxisAndAreSquare) {
  for (int64_t seed = 0; seed < 10; ++seed) {
    PhantomOptions options = view_options(seed);
    const Scan scan = draw_scan(options).scan;
    for (const LongAxisPlane& plane : long_axis_planes(scan, options)) {
      EXPECT_NEAR(dot(plane.column, plane.row), 0, 1e-12);
      EXPECT_NEAR(length(plane.row), 1, 1e-12);
      EXPECT_NEAR(length(plane.normal), 1, 1e-12);
      EXPECT_EQ(plane.column[2], 0);
      for (const double z : {0.0, 40.0, 80.0}) {
        const Point on_axis = scan.axis.at(z);
        EXPECT_NEAR(dot(minus(on_axis, plane.origin_mm), plane.normal), 0, 1e-9);
      }
      // A row as it is painted is a row of the plane.
      const PicturePlane row = plane.picture_row(7, options.matrix, 3);
      const Point expected =
          plus(plus(plane.origin_mm, times(7 * plane.spacing_mm, plane.row)),
               plus(times(5 * plane.spacing_mm, plane.column), times(3, plane.normal)));
      EXPECT_NEAR(row.at(5, 0)[0], expected[0], 1e-9);
      EXPECT_NEAR(row.at(5, 0)[1], expected[1], 1e-9);
      EXPECT_NEAR(row.z_mm, expected[2], 1e-9);
    }
  }
}

TEST(LongAxisProperty, ViewsShowTheChambersOfTheirNames) {
  for (int64_t seed = 0; seed < 6; ++seed) {
    const auto views = make_phantom(view_options(seed)).study.views;
    ASSERT_EQ(views.size(), 3u);
    for (const View& view : views) {
      EXPECT_GT(label_count(view, kLvc), 200) << view.name << seed;
      EXPECT_GT(label_count(view, kLvm), 100) << view.name << seed;
    }
    EXPECT_EQ(label_count(views[0], kRvc), 0) << seed;
    EXPECT_GT(label_count(views[2], kRvc), 100) << seed;
  }
}

// Labels of the long axis and of the short axis are of one heart, wherever both look.
TEST(LongAxisProperty, LabelsAgreeWithTheShortAxisInThePatient) {
  const Phantom phantom = make_phantom(view_options(5));
  const auto sax = phantom.study.labels->voxels;
  const Affine sax_from_world = phantom.study.sax.grid.voxel_from_world();
  int64_t seen = 0, agreed = 0;
  for (const View& view : phantom.study.views) {
    const auto labels = view.labels->voxels.select(1, 0);
    for (int64_t j = 0; j < 96; ++j) {
      for (int64_t i = 0; i < 96; ++i) {
        const Point at = sax_from_world(
            view.cine.grid.world_from_voxel({static_cast<double>(i), static_cast<double>(j), 0}));
        const auto k = std::llround(at[2]);
        // Rows nearest to a plane of the short axis, and inside its picture.
        if (std::abs(at[2] - static_cast<double>(k)) * phantom.options.pitch_mm > 1.25) continue;
        const auto column = std::llround(at[0]), row = std::llround(at[1]);
        if (k < 0 || k >= sax.size(1) || column < 0 || column >= 96 || row < 0 || row >= 96)
          continue;
        for (int64_t t = 0; t < 2; ++t) {
          const auto here = labels[t][j][i].item<int64_t>();
          if (here == 0) continue;
          ++seen;
          agreed += here == sax[t][k][row][column].item<int64_t>() ? 1 : 0;
        }
      }
    }
  }
  // The nearest pixel lies up to 1.8 mm away, so that those at borders may differ: of walls that
  // are 7 to 12 mm thick and cavities of 40 mm about an eighth.
  EXPECT_GT(seen, 50);
  EXPECT_GT(static_cast<double>(agreed), 0.8 * static_cast<double>(seen));
}

}  // namespace dmcvr
