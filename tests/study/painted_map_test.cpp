// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/painted_map.h"

#include "study/ellipsoid_map.h"
#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

PhantomOptions sparse(int64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.dense = options.long_axis = false;
  return options;
}

double ml_of(const Study& study, int64_t label) {
  return static_cast<double>((study.labels->voxels == label).sum().item<int64_t>()) *
         study.sax.grid.voxel_ml();
}

}  // namespace

TEST(PaintMapProperty, VolumesAreThoseOfTheMapUpToItsDrawnSize) {
  const TissueMap map = test::ellipsoid_map();
  const double cavity_ml = (map.voxels == kLvc).sum().item<double>() / 1000;
  for (int64_t seed = 0; seed < 3; ++seed) {
    const Phantom phantom = paint_map(map, sparse(seed));
    const Study& study = phantom.study;
    study.check();
    EXPECT_EQ(study.phase_names, std::vector<std::string>{"ed"});
    EXPECT_EQ(study.source, "painted map");
    EXPECT_NEAR(ml_of(study, kLvc) / phantom.truth.lv_ml[0], 1, 0.12) << seed;
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

// The truth on its fine planes has the volumes of the map at its drawn size, and what the options
// ask for is what is scanned.
TEST(PaintMapProperty, TheDenseTruthIsTheMap) {
  for (const double pitch_mm : {5.0, 17.7}) {
    PhantomOptions options;
    options.seed = 6;
    options.pitch_mm = pitch_mm;
    options.spacing_mm = 1.5;
    options.breath_hold_mm = 0;
    const Phantom phantom = paint_map(test::ellipsoid_map(), options);
    EXPECT_NEAR(phantom.study.sax.grid.spacing_mm()[2], pitch_mm, 1e-9);
    const Labels& dense = phantom.dense_labels;
    const double lvc_ml = (dense.voxels == kLvc).sum().item<double>() * dense.grid.voxel_ml();
    EXPECT_NEAR(lvc_ml / phantom.truth.lv_ml[0], 1, 0.02) << pitch_mm;
    ASSERT_EQ(phantom.study.views.size(), 3U);
    for (const View& view : phantom.study.views) {
      EXPECT_GT((view.labels->voxels == kLvc).sum().item<int64_t>(), 0) << view.name;
      // The right ventricle lies at 180 degrees, which 4ch cuts and 2ch does not.
      const auto right = (view.labels->voxels == kRvc).sum().item<int64_t>();
      EXPECT_EQ(right > 100, view.name != "2ch") << view.name;
    }
  }
}

TEST(PaintMap, TheSeedAloneDecides) {
  const TissueMap map = test::ellipsoid_map();
  const Study one = paint_map(map, sparse(4)).study, same = paint_map(map, sparse(4)).study,
              other = paint_map(map, sparse(5)).study;
  EXPECT_TRUE(one.sax.voxels.equal(same.sax.voxels));
  EXPECT_TRUE(one.labels->voxels.equal(same.labels->voxels));
  EXPECT_FALSE(same_grid(one.sax.grid, other.sax.grid));
}

// Labels lie where the tissue is in the world, up to size, breath and tilt about the middle.
TEST(PaintMap, TheHeartStaysWhereItIsInTheWorld) {
  const Study study = paint_map(test::ellipsoid_map(), sparse(2)).study;
  const auto places = (study.labels->voxels[0] == kLvc).nonzero().to(torch::kFloat64).mean(0);
  const Point center = study.sax.grid.world_from_voxel(
      {places[2].item<double>(), places[1].item<double>(), places[0].item<double>()});
  EXPECT_LT(std::hypot(center[0], center[1]), 8);
  EXPECT_NEAR(center[2], 26, 10);
}

}  // namespace dmcvr
