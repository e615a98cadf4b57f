// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/phases.h"

#include "support_models.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Study film(int64_t phases) {
  Study study;
  study.name = "film";
  study.sax.grid.size = {80, 64, 3};
  study.sax.grid.world_from_voxel.matrix = {{{1.5, 0, 0}, {0, 1.5, 0}, {0, 0, 10}}};
  study.sax.voxels = test::golden_input("film", {phases, 3, 64, 80}, 0.5, 0.5);
  for (int64_t t = 0; t < phases; ++t) study.phase_names.push_back(fmt::format("phase{:02}", t));
  return study;
}

}  // namespace

TEST(EndPhases, AreAskedForOnlyWhereAFilmLacksThem) {
  Study study = film(3);
  EXPECT_TRUE(asks_for_end_phases(study, {"es"}));
  EXPECT_TRUE(asks_for_end_phases(study, {"phase01", "ed"}));
  EXPECT_THROW(asks_for_end_phases(study, {"ed", "phase07"}), Error);
  EXPECT_FALSE(asks_for_end_phases(study, {"all"}));
  EXPECT_FALSE(asks_for_end_phases(study, {}));
  EXPECT_FALSE(asks_for_end_phases(film(1), {"ed"}));
  study.phase_names[0] = "ed";
  EXPECT_FALSE(asks_for_end_phases(study, {"es"}));
}

TEST(EndPhases, AreTheLargestAndTheSmallestCavity) {
  const Study named = name_end_phases(film(5), {80, 95, 60, 40, 95});
  EXPECT_EQ(named.phase_names,
            (std::vector<std::string>{"phase00", "ed", "phase02", "es", "phase04"}));
  EXPECT_THROW(name_end_phases(film(2), {0, 0}), Error);
  EXPECT_THROW(name_end_phases(film(2), {1}), c10::Error);
}

TEST(EndPhases, VolumesGrowWithTheVoxelAndNotWithTheBatch) {
  auto segmenter = test::golden_tiny_segmenter();
  segmenter.info.input_rule.patch_size = 64;
  Study study = film(2);
  const Point center = study.sax.grid.world_from_voxel({39.5, 31.5, 1});
  const auto volumes = cavity_volumes_ml(study, center, segmenter, 1);
  ASSERT_EQ(volumes.size(), 2U);
  EXPECT_GT(volumes[0], 0);
  // Never more than the patch holds: 3 slices of 64 x 64 pixels of 1.25 x 1.25 x 10 mm.
  EXPECT_LT(volumes[0], 3 * 80 * 80 * 10 / 1000.0);
  const auto at_once = cavity_volumes_ml(study, center, segmenter, 512);
  for (size_t t = 0; t < 2; ++t) EXPECT_NEAR(volumes[t], at_once[t], 1e-3);
  study.sax.grid.world_from_voxel.matrix[2][2] = 5;
  const auto thinner = cavity_volumes_ml(study, center, segmenter, 512);
  for (size_t t = 0; t < 2; ++t) EXPECT_NEAR(2 * thinner[t], volumes[t], 1e-3);
}

}  // namespace dmcvr
