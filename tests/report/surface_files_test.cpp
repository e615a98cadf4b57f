// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/surface_files.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/report/label_maps.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <set>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// A phantom in ED and ES on its dense planes.
LabeledHeart phantom_heart(int64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.phases = 2;
  options.spacing_mm = 1.5;
  const Phantom phantom = make_phantom(options);
  LabeledHeart heart;
  heart.name = "phantom";
  heart.phase_names = phantom.study.phase_names;
  heart.times_ms = phantom.study.sax.times_ms;
  heart.slices = *phantom.study.labels;
  for (int64_t k = 0; k < heart.slices.grid.size[2]; ++k)
    heart.slice_z_mm.push_back(static_cast<double>(k) * heart.slices.grid.spacing_mm()[2]);
  heart.dense = phantom.dense_labels;
  return heart;
}

std::set<std::string> file_names(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

// The bound of the design: within 1 % of the voxels, and spheres.
TEST(SurfaceFilesProperty, OfPhantomsAreSpheresOfTheVolumeOfTheirVoxels) {
  for (const int64_t seed : {1, 2, 3}) {
    const LabeledHeart heart = phantom_heart(seed);
    const auto records = write_surfaces(test::fresh_folder(), heart, {});
    ASSERT_EQ(records.size(), 6u);
    for (const SurfaceRecord& record : records) {
      EXPECT_EQ(record.euler, 2) << seed << record.phase << record.structure;
      EXPECT_NEAR(record.volume_ml, record.voxel_ml, 0.01 * record.voxel_ml);
      EXPECT_GT(record.voxel_ml, 10);
    }
    // Also the volume that is measured: nothing but specks is left out.
    const HeartMeasures measures = measure_heart(heart);
    EXPECT_NEAR(records[0].volume_ml, *measures.dense->lv_edv_ml,
                0.01 * *measures.dense->lv_edv_ml);
  }
}

// The wall as one shell, which at the base of a phantom is open: a sphere, or a tube where the end
// slices show the cavity as well.
TEST(SurfaceFilesProperty, MyocardiumOfPhantomsIsAClosedShell) {
  for (const int64_t seed : {1, 2}) {
    SurfaceFileOptions options;
    options.structures = {"lv_myocardium"};
    for (const SurfaceRecord& record :
         write_surfaces(test::fresh_folder(), phantom_heart(seed), options)) {
      EXPECT_TRUE(record.euler == 2 || record.euler == 0) << record.euler;
      EXPECT_NEAR(record.volume_ml, record.voxel_ml, 0.01 * record.voxel_ml);
      EXPECT_LT(record.voxels_left_out + record.voxels_filled, 20);
      EXPECT_GT(record.voxel_ml, 30);
    }
  }
}

TEST(SurfaceFiles, AreNamedByPhaseAndStructureAndPlayedByACollection) {
  const LabeledHeart heart = phantom_heart(4);
  const auto folder = test::fresh_folder();
  SurfaceFileOptions options;
  options.formats = {"vtp", "obj"};
  options.structures = {"lv_epicardium", "rv_endocardium"};
  int64_t calls = 0;
  write_surfaces(folder, heart, options, [&](int64_t done, int64_t total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, 4);
  });
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(file_names(folder),
            (std::set<std::string>{"ed_lv_epicardium.vtp", "ed_lv_epicardium.obj",
                                   "es_lv_epicardium.vtp", "es_lv_epicardium.obj",
                                   "ed_rv_endocardium.vtp", "ed_rv_endocardium.obj",
                                   "es_rv_endocardium.vtp", "es_rv_endocardium.obj", "heart.pvd"}));
  const auto film = test::content_of(folder / "heart.pvd");
  for (const char* name : {"ed_lv_epicardium.vtp", "es_rv_endocardium.vtp"})
    EXPECT_NE(film.find(name), std::string::npos) << name;
  EXPECT_EQ(film.find(".obj"), std::string::npos);
}

// The last slice of an uneven stack lies beyond its dense plane.
TEST(SurfaceFiles, EndWhereMeasuresDo) {
  LabeledHeart heart = phantom_heart(6);
  heart.slice_z_mm.back() += 0.7;
  heart.slice_z_mm.front() -= 0.4;
  // A cavity in every plane, so that the ends count.
  auto& voxels = heart.dense->voxels;
  const int64_t middle = voxels.size(1) / 2;
  voxels.copy_(voxels.slice(1, middle, middle + 1).expand_as(voxels).clone());
  SurfaceFileOptions options;
  options.structures = {"lv_endocardium"};
  const auto records = write_surfaces(test::fresh_folder(), heart, options);
  const HeartMeasures measures = measure_heart(heart);
  for (size_t t = 0; t < records.size(); ++t)
    EXPECT_NEAR(records[t].voxel_ml, measures.dense_volumes[t].at(kLvc).ml, 1e-3);
}

TEST(SurfaceFiles, OfAnEmptyStructureAreMissingAndSaid) {
  LabeledHeart heart = phantom_heart(5);
  heart.dense->voxels.masked_fill_(heart.dense->voxels == kRvc, 0);
  const auto records = write_surfaces(test::fresh_folder(), heart, {});
  EXPECT_TRUE(records[2].files.empty());
  EXPECT_EQ(records[2].structure, "rv_endocardium");
  const auto notes = surface_notes(records);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0], "ed rv_endocardium: no voxel, no surface");
  EXPECT_EQ(surface_table(records).size(), 7u);
}

TEST(SurfaceFileOptions, RefuseUnknownWords) {
  SurfaceFileOptions options;
  options.formats = {"vtk"};
  EXPECT_THROW(options.check(), Error);
  options.formats = {};
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.structures = {"aorta"};
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace dmcvr
