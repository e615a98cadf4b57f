// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/labeled_heart.h"

#include "report/toy_reconstruction.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/measures/measures_file.h"
#include "dmcvr/measures/tables.h"
#include "dmcvr/report/label_maps.h"
#include "dmcvr/report/output_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

TEST(LabeledHeart, OfAReconstructionHasSlicesAndPlanes) {
  const LabeledHeart heart = labeled_heart(test::toy_study(), test::toy_reconstruction(), {0, 400});
  heart.check();
  EXPECT_EQ(heart.slices.grid.size[2], 3);
  EXPECT_EQ(heart.slice_z_mm, (std::vector<double>{0, 8.25, 16}));
  EXPECT_NEAR(heart.slices.grid.spacing_mm()[2], 8, 1e-12);
  EXPECT_TRUE(heart.slices.voxels.select(1, 1).equal(heart.dense->voxels.select(1, 2)));
  const Point third = heart.slices.grid.world_from_voxel({1, 2, 2});
  EXPECT_LT(length(minus(third, heart.dense->grid.world_from_voxel({1, 2, 4}))), 1e-12);

  // A cylinder of 4 x 4 pixels of 4 mm² from half a gap before the first slice to half a gap
  // behind the last, whichever way it is counted.
  const HeartMeasures measures = measure_heart(heart);
  const double true_ml = 64 * (16 + 8.25 / 2 + 7.75 / 2) / 1000;
  EXPECT_NEAR(*measures.discs.lv_edv_ml, true_ml, 1e-9);
  EXPECT_NEAR(*measures.dense->lv_edv_ml, true_ml, 1e-9);
}

// What is read back from the folder is what was written into it.
TEST(LabeledHeart, ComesBackFromItsFolder) {
  const fs::path folder = test::fresh_folder() / "toy";
  Study study = test::toy_study();
  study.height_cm = 180;
  study.weight_kg = 80;
  const Reconstruction made = test::toy_reconstruction();
  EXPECT_FALSE(is_reconstruction(folder));
  RunRecord record;
  record.measures = measure_heart(labeled_heart(study, made, {}), {0, 0, 66, "mosteller"});
  write_reconstruction(folder, study, made, record, false);
  EXPECT_TRUE(is_reconstruction(folder));
  // Its label map alone stands for it, since else the caps would be lost.
  for (const LabeledHeart& heart :
       {read_reconstructed_heart(folder), read_label_maps({folder / "labels.nii.gz"})}) {
    EXPECT_EQ(measures_json(measure_heart(heart)), measures_json(record.measures));
  }
  EXPECT_FALSE(read_label_maps({folder / "labels.nii.gz"}, "mnms").dense);
}

// A rate that a film said is not one that somebody gave.
TEST(LabeledHeart, RemembersWhereTheHeartRateCameFrom) {
  const fs::path folder = test::fresh_folder() / "toy";
  std::vector<double> film_ms;
  for (int n = 0; n < 20; ++n) film_ms.push_back(50 * n);
  const Study study = test::toy_study();
  const Reconstruction made = test::toy_reconstruction();
  RunRecord record;
  record.measures = measure_heart(labeled_heart(study, made, film_ms));
  ASSERT_EQ(record.measures.heart_rate_from, "film");
  write_reconstruction(folder, study, made, record, false);
  const HeartMeasures again = measure_heart(read_reconstructed_heart(folder));
  EXPECT_EQ(again.heart_rate_from, "film");
  EXPECT_NEAR(*again.heart_rate_per_min, 60, 1e-9);
  ASSERT_FALSE(again.notes.empty());
  EXPECT_NE(again.notes[0].find("assumed to cover one whole beat"), std::string::npos);
}

TEST(LabeledHeart, ADamagedFolderIsRefused) {
  const fs::path folder = test::fresh_folder() / "toy";
  write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(), RunRecord(), false);
  for (const char* text :
       {"{}", "{\"phases\": [], \"acquired\": {\"planes\": [0, 2, 4], \"offsets_mm\": [0, 0, 0]}}",
        "{\"phases\": [{\"name\": \"ed\"}, {\"name\": \"es\"}], "
        "\"acquired\": {\"planes\": [0, 2, 5], \"offsets_mm\": [0, 0, 0]}}",
        "{\"phases\": [{\"name\": \"ed\"}, {\"name\": \"es\"}], "
        "\"acquired\": {\"planes\": [0, 2, 2], \"offsets_mm\": [0, 0, 0]}}",
        "{\"phases\": [{\"name\": \"ed\"}, {\"name\": \"es\"}], "
        "\"acquired\": {\"planes\": [0, 2, 4], \"offsets_mm\": [0]}}",
        // Positions that fall, and names that lead elsewhere or are alike.
        "{\"phases\": [{\"name\": \"ed\"}, {\"name\": \"es\"}], "
        "\"acquired\": {\"planes\": [0, 2, 4], \"offsets_mm\": [0, 9, 0]}}",
        "{\"phases\": [{\"name\": \"/tmp/ed\"}, {\"name\": \"es\"}], "
        "\"acquired\": {\"planes\": [0, 2, 4], \"offsets_mm\": [0, 0, 0]}}",
        "{\"phases\": [{\"name\": \"ed\"}, {\"name\": \"ed\"}], "
        "\"acquired\": {\"planes\": [0, 2, 4], \"offsets_mm\": [0, 0, 0]}}"}) {
    std::ofstream(folder / "run.json") << text;
    EXPECT_THROW(read_reconstructed_heart(folder), Error) << text;
  }
}

}  // namespace
}  // namespace dmcvr
