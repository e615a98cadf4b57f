// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/slices.h"

#include "support.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Study slices_study() {
  Study study;
  study.name = "study";
  study.sax.grid.size = {48, 44, 3};
  study.sax.grid.world_from_voxel.matrix = {{{-1.25, 0, 0}, {0, -1.25, 0}, {0, 0, 8}}};
  study.sax.voxels = test::golden_input("study", {2, 3, 44, 48}, 400, 500);
  study.phase_names = {"ed", "es"};
  return study;
}

InputRule slices_rule() {
  InputRule rule;
  rule.patch_size = 32;
  return rule;
}

}  // namespace

TEST(ToSlices, GivesUnitValuesAroundTheCenter) {
  const Study study = slices_study();
  const auto slices =
      to_slices(study, study.sax.grid.world_from_voxel({23.5, 21.5, 1}), slices_rule());
  EXPECT_EQ(slices.patches.sizes(), (std::vector<int64_t>{2, 3, 32, 32}));
  EXPECT_EQ(slices.slice_size, (std::array<int64_t, 2>{48, 44}));
  const auto expected = to_unit(study.sax.voxels, slices.intensity).slice(2, 6, 38).slice(3, 8, 40);
  EXPECT_TRUE(slices.patches.equal(expected));
}

TEST(ToScanner, BringsPatchesBackWhereNothingWasClipped) {
  const Study study = slices_study();
  const auto slices = to_slices(study, study.sax.grid.world_from_voxel({20, 20, 0}), slices_rule());
  const auto back = to_scanner(slices, slices.patches.flatten(0, 1)).view({2, 3, 44, 48});
  const auto inside = (seam_weight(slices) > 0).expand_as(back);
  EXPECT_TRUE(
      back.masked_select(inside).allclose(study.sax.voxels.masked_select(inside), 1e-5, 1e-2));
}

}  // namespace dmcvr
