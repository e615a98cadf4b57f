// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/plausibility.h"

#include "measures/toy_hearts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

using testing::HasSubstr;

// A wall of 1 pixel around 13 and 12 pixels: 56 and 52 pixels, a change of 7 %; EF 15 %. The RV
// loses a slice.
LabeledHeart plausible_heart() {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {13, 12});
  auto es = heart.slices.voxels[1].select(0, 4);
  es.masked_fill_(es == kRvc, 0);
  return heart;
}

std::vector<std::string> notes_of(const LabeledHeart& heart) {
  return plausibility_notes(measure_heart(heart));
}

TEST(PlausibilityNotes, SayNothingOfAPlausibleHeart) {
  EXPECT_THAT(notes_of(plausible_heart()), testing::IsEmpty());
}

TEST(PlausibilityNotes, NameAnEjectionFractionThatNoHeartHas) {
  LabeledHeart heart = plausible_heart();
  heart.phase_names = {"es", "ed"};
  EXPECT_THAT(notes_of(heart), testing::Contains(HasSubstr("LV EF -17 %")));
  EXPECT_THAT(notes_of(heart), testing::Contains(HasSubstr("swapped")));
  EXPECT_THAT(notes_of(test::toy_heart({"ed", "es"}, {14, 2})),
              testing::Contains(HasSubstr("LV EF 98 %")));
}

TEST(PlausibilityNotes, NameMuscleThatIsLost) {
  LabeledHeart heart = plausible_heart();
  heart.slices.voxels[1].select(0, 0).masked_fill_(heart.slices.voxels[1][0] == kLvm, 0);
  // 5 x 56 pixels become 4 x 52.
  EXPECT_THAT(notes_of(heart), testing::ElementsAre(HasSubstr("LV mass changes by -25.7 %")));
}

TEST(PlausibilityNotes, NameStructuresThatAreMissing) {
  LabeledHeart heart = plausible_heart();
  heart.slices.voxels[1].masked_fill_(heart.slices.voxels[1] == kRvc, 0);
  EXPECT_THAT(notes_of(heart), testing::ElementsAre("no voxel is labeled RVC in es"));
  heart.slices.voxels.masked_fill_(heart.slices.voxels == kRvc, 0);
  EXPECT_THAT(notes_of(heart), testing::ElementsAre("no voxel is labeled RVC in any phase"));

  heart = plausible_heart();
  auto middle = heart.slices.voxels[0].select(0, 2);
  middle.masked_fill_(middle == kRvc, 0);
  heart.slices.voxels[1].select(0, 3).masked_fill_(heart.slices.voxels[1][3] == kRvc, 0);
  EXPECT_THAT(notes_of(heart),
              testing::Contains("RVC is missing in 1 slice between slices that have it in ed"));
}

TEST(PlausibilityNotes, SayWhichOfTheTwoWaysIsNotPlausible) {
  LabeledHeart heart = plausible_heart();
  heart.dense = test::toy_heart({"ed", "es"}, {14, 2}).slices;
  EXPECT_THAT(notes_of(heart), testing::Contains(HasSubstr("dense: LV EF 98 %")));
  EXPECT_THAT(notes_of(heart), testing::Not(testing::Contains(testing::StartsWith("LV EF"))));
}

TEST(PlausibilityNotes, NameVolumesThatLieInTheCaps) {
  LabeledHeart heart = plausible_heart();
  heart.slices = test::toy_labels(test::toy_grid(3, 8), {13, 12});  // a third is in the caps
  heart.slice_z_mm = plane_positions(heart.slices.grid);
  EXPECT_THAT(notes_of(heart), testing::Contains(HasSubstr("33 % of LV EDV lie beyond")));
}

TEST(PlausibilityNotes, NamePhasesThatAreMissing) {
  EXPECT_THAT(notes_of(test::toy_heart({"phase00"}, {8})),
              testing::ElementsAre(HasSubstr("no ejection fraction")));
  EXPECT_THAT(notes_of(test::toy_heart({"ed", "other"}, {8, 6})),
              testing::ElementsAre("there is no ES, so no ejection fraction"));
}

}  // namespace
}  // namespace dmcvr
