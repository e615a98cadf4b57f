// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/label_maps.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/phantom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Phantom small_phantom(int64_t seed, bool dense = true) {
  PhantomOptions options;
  options.seed = seed;
  options.phases = 2;
  options.matrix = 128;
  options.spacing_mm = 2;
  options.dense = dense;
  return make_phantom(options);
}

Labels one_phase(const Labels& labels, int64_t phase) {
  return {labels.grid, labels.voxels.narrow(0, phase, 1), labels.table};
}

void write_labels(const fs::path& path, const Labels& labels, const std::string& descrip = "") {
  NiftiWriteOptions options;
  options.descrip = descrip;
  write_nifti(path, labels, options);
}

std::string error_of(const std::vector<fs::path>& files, const std::string& order = "") {
  try {
    read_label_maps(files, order);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// ---- measures of phantoms beside their closed form ----

// |measured - true| of the wall in ED and ES, segment by segment.
std::vector<double> wall_errors_mm(const WallMeasures& wall, const PhantomTruth& truth) {
  EXPECT_EQ(wall.problem, "");
  std::vector<double> errors;
  for (const auto& [values, outlines] :
       {std::pair{wall.ed_mm, truth.wall_ed_mm}, std::pair{wall.es_mm, truth.wall_es_mm}}) {
    for (size_t s = 0; s < kAhaSegments; ++s) {
      EXPECT_TRUE(values[s]) << "segment " << s + 1;
      errors.push_back(std::abs(values[s].value_or(0) - outlines.at(s)));
    }
  }
  return errors;
}

// The area of a section rises to its largest and falls again, so a sum of its values times their
// distance h lies within h times that largest area of the integral: a plane stands for h / 2 on
// either side, over which the area changes by no more than its variation, twice the largest in all.
double bound_ml(const PhaseVolumes& phase, const Labels& labels, int64_t t, int64_t label) {
  const double largest =
      (labels.voxels[t] == label).sum({1, 2}).max().item<double>() * labels.grid.voxel_ml();
  EXPECT_GT(phase.at(label).voxels, 0);
  return largest;
}

TEST(LabelMapsProperty, PhantomsComeWithinTheErrorOfTheirPlanes) {
  constexpr int64_t kSeeds = 8;
  std::array<double, 2> lv_bias{}, mass_bias{}, ef_bias{}, wall_error{}, worst_wall{};
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const fs::path folder = test::fresh_folder() / "phantom";
    const Phantom phantom = small_phantom(seed);
    const PhantomTruth& truth = phantom.truth;
    write_phantom(folder, phantom);
    const LabeledHeart heart = read_labeled_folder(folder);
    const HeartMeasures measures = measure_heart(heart);
    ASSERT_TRUE(measures.dense);
    for (size_t way = 0; way < 2; ++way) {
      const auto& volumes = way == 0 ? measures.disc_volumes : measures.dense_volumes;
      const Labels& labels = way == 0 ? heart.slices : *heart.dense;
      for (int64_t t = 0; t < 2; ++t) {
        const auto& phase = volumes[static_cast<size_t>(t)];
        const auto index = static_cast<size_t>(t);
        EXPECT_NEAR(phase.at(kLvc).ml, truth.lv_ml[index], bound_ml(phase, labels, t, kLvc));
        EXPECT_NEAR(phase.at(kRvc).ml, truth.rv_ml[index], bound_ml(phase, labels, t, kRvc));
        EXPECT_NEAR(phase.at(kLvm).ml * kMyocardiumGramsPerMl, truth.lvm_g,
                    bound_ml(phase, labels, t, kLvm) * kMyocardiumGramsPerMl);
      }
      const Measures& m = way == 0 ? measures.discs : *measures.dense;
      lv_bias[way] += (*m.lv_edv_ml - truth.lv_ml[0]) / kSeeds;
      mass_bias[way] += (*m.lv_mass_g - truth.lvm_g) / kSeeds;
      ef_bias[way] += (*m.lv_ef_percent - 100 * truth.lv_ejection_fraction) / kSeeds;
      const WallMeasures& wall = way == 0 ? measures.disc_wall : *measures.dense_wall;
      for (const double error : wall_errors_mm(wall, truth)) {
        wall_error[way] += error / (2 * kSeeds * kAhaSegments);
        worst_wall[way] = std::max(worst_wall[way], error);
      }
    }
  }
  // Where the base falls between two planes is chance: uniform over h of about 20 cm² on slices 9
  // mm apart, a deviation of 18 / sqrt(12) = 5.2 ml a heart and 1.8 ml in the mean of eight. Three
  // of these; a fifth of that, 1.1 ml, on planes 2 mm apart or closer. EF: 1.8 ml of 100 to 250 ml.
  EXPECT_NEAR(lv_bias[0], 0, 5.5);
  EXPECT_NEAR(mass_bias[0], 0, 5.5);
  EXPECT_NEAR(ef_bias[0], 0, 4);
  EXPECT_NEAR(lv_bias[1], 0, 1.2);
  EXPECT_NEAR(mass_bias[1], 0, 1.2);
  EXPECT_NEAR(ef_bias[1], 0, 0.8);
  // Pixels of 2 mm: a cylinder is exact within a quarter of one. On slices chance decides how much
  // of the apical third, whose walls are steep, they see.
  EXPECT_LT(wall_error[0], 0.25);
  EXPECT_LT(wall_error[1], 0.15);
  EXPECT_LT(worst_wall[0], 2.5);
  EXPECT_LT(worst_wall[1], 0.8);
}

// ---- what label maps are called and how they are ordered ----

TEST(LabelMaps, SeveralFilesAreThePhasesOfOneHeart) {
  const fs::path folder = test::fresh_folder();
  const Labels labels = *small_phantom(1, false).study.labels;
  write_labels(folder / "001_SA_ES_gt.nii.gz", one_phase(labels, 1));
  write_labels(folder / "001_SA_ED_gt.nii.gz", one_phase(labels, 0));
  write_labels(folder / "film.nii.gz", labels);
  const LabeledHeart heart =
      read_label_maps({folder / "001_SA_ES_gt.nii.gz", folder / "001_SA_ED_gt.nii.gz"});
  EXPECT_EQ(heart.name, "001_SA");
  EXPECT_THAT(heart.phase_names, ElementsAre("es", "ed"));
  EXPECT_TRUE(heart.notes.empty());
  const LabeledHeart film = read_label_maps({folder / "film.nii.gz"});
  EXPECT_THAT(film.phase_names, ElementsAre("phase00", "phase01"));
  EXPECT_EQ(measure_heart(heart).discs.lv_ef_percent, measure_heart(film).discs.lv_ef_percent);

  // Words of the study's name are no phases.
  write_labels(folder / "ES_study_ED.nii.gz", one_phase(labels, 0));
  write_labels(folder / "ES_study_ES.nii.gz", one_phase(labels, 1));
  EXPECT_THAT(
      read_label_maps({folder / "ES_study_ED.nii.gz", folder / "ES_study_ES.nii.gz"}).phase_names,
      ElementsAre("ed", "es"));
}

// Surfaces and tables are called by the phases.
TEST(LabelMaps, FilesOfOneNameAreToldApartByTheirFoldersOrNumbers) {
  const fs::path folder = test::fresh_folder();
  const Labels labels = *small_phantom(1, false).study.labels;
  const auto files_in = [&](const std::vector<std::string>& folders) {
    std::vector<fs::path> files;
    for (const std::string& name : folders) {
      fs::create_directories(folder / name);
      files.push_back(folder / name / "seg.nii.gz");
      write_labels(files.back(), one_phase(labels, static_cast<int64_t>(files.size()) - 1));
    }
    return files;
  };
  EXPECT_THAT(read_label_maps(files_in({"case_ES", "case_ED"})).phase_names,
              ElementsAre("es", "ed"));
  EXPECT_THAT(read_label_maps(files_in({"1/x", "2/x"})).phase_names,
              ElementsAre("phase00", "phase01"));
}

TEST(LabelMaps, AnyOrderGivesTheSameHeart) {
  const fs::path folder = test::fresh_folder();
  const Labels labels = *small_phantom(2, false).study.labels;
  const auto expected = measure_heart([&] {
    write_labels(folder / "ours.nii", labels);
    return read_label_maps({folder / "ours.nii"});
  }());
  const LabelTable tables[] = {acdc_label_table(), {{2, "LVC"}, {1, "LVM"}, {7, "RVC"}}};
  for (const LabelTable& table : tables) {
    Labels other = relabel(labels, table);
    write_labels(folder / "described.nii", other);
    write_labels(folder / "silent.nii", other, "made by hand");
    for (const LabeledHeart& heart : {read_label_maps({folder / "described.nii"}),
                                      read_label_maps({folder / "silent.nii"}, to_string(table))}) {
      EXPECT_TRUE(heart.slices.voxels.equal(labels.voxels));
      EXPECT_EQ(measure_heart(heart).discs.lv_ef_percent, expected.discs.lv_ef_percent);
    }
  }
}

TEST(LabelMaps, AnAssumedOrderThatTheShapesContradictIsRefused) {
  const fs::path folder = test::fresh_folder();
  const Labels labels = *small_phantom(3, false).study.labels;
  write_labels(folder / "acdc.nii", relabel(labels, acdc_label_table()), "TE=1.6;Time=121314.5");
  EXPECT_THAT(error_of({folder / "acdc.nii"}), HasSubstr("--labels-are acdc"));
  EXPECT_EQ(error_of({folder / "acdc.nii"}, "acdc"), "");
  // Who says the order has the last word, and hears of it.
  const LabeledHeart wrong = read_label_maps({folder / "acdc.nii"}, "dmcvr");
  EXPECT_THAT(wrong.notes, ElementsAre(HasSubstr("shapes")));
  // The right assumption is said as well.
  write_labels(folder / "mnms.nii", labels, "no table");
  EXPECT_THAT(read_label_maps({folder / "mnms.nii"}).notes, ElementsAre(HasSubstr("taken for")));
}

TEST(LabelMaps, PhasesWithoutLabelsAreLeftOutAndCounted) {
  const fs::path folder = test::fresh_folder();
  Labels labels = *small_phantom(4, false).study.labels;
  const auto empty = torch::zeros_like(labels.voxels[0]);
  labels.voxels = torch::stack({empty, labels.voxels[0], empty, labels.voxels[1], empty});
  write_labels(folder / "x.nii.gz", labels);
  const LabeledHeart heart = read_label_maps({folder / "x.nii.gz"});
  EXPECT_THAT(heart.phase_names, ElementsAre("phase01", "phase03"));
  EXPECT_THAT(heart.notes, ElementsAre(HasSubstr("3 of 5 phases")));
  labels.voxels.zero_();
  write_labels(folder / "empty.nii.gz", labels);
  EXPECT_THAT(error_of({folder / "empty.nii.gz"}), HasSubstr("no voxel has a label"));
}

TEST(LabelMaps, BadFilesAreRefusedWithAReason) {
  const fs::path folder = test::fresh_folder();
  const Phantom phantom = small_phantom(5, false);
  const Labels labels = *phantom.study.labels;
  const fs::path film = folder / "film.nii.gz";
  write_labels(film, labels);
  Labels moved = one_phase(labels, 0);
  moved.grid.world_from_voxel.offset[0] += 3;
  write_labels(folder / "moved.nii.gz", moved);
  write_labels(folder / "ed.nii.gz", one_phase(labels, 0));
  EXPECT_THAT(error_of({folder / "ed.nii.gz", folder / "moved.nii.gz"}), HasSubstr("another grid"));
  EXPECT_THAT(error_of({film, folder / "ed.nii.gz"}), HasSubstr("holds 2 phases"));
  EXPECT_THAT(error_of({folder / "none.nii.gz"}), HasSubstr("no such file"));

  Labels strange = labels;
  strange.voxels = labels.voxels.clone();
  strange.voxels[0][0][0][0] = 9;
  write_labels(folder / "strange.nii.gz", strange);
  EXPECT_THAT(error_of({folder / "strange.nii.gz"}), HasSubstr("label values 9"));
  write_nifti(folder / "picture.nii.gz",
              Cine{labels.grid, phantom.study.sax.voxels / 7, phantom.study.sax.times_ms});
  EXPECT_THAT(error_of({folder / "picture.nii.gz"}), HasSubstr("a label image is expected"));
  write_labels(folder / "provenance.nii.gz", labels, "1=acquired 2=generated");
  EXPECT_THAT(error_of({folder / "provenance.nii.gz"}), HasSubstr("no labels of LVC"));

  const fs::path flat = folder / "flat.nii";
  write_labels(flat, labels);
  std::fstream stream(flat, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(40).put(2);  // the number of dimensions
  stream.close();
  EXPECT_THAT(error_of({flat}), HasSubstr("one picture"));
}

TEST(LabelMaps, FoldersWithoutLabelsAreRefused) {
  const fs::path folder = test::fresh_folder();
  fs::create_directories(folder / "sub");
  EXPECT_THROW(read_labeled_folder(folder), Error);
  EXPECT_THROW(find_labeled_folders(folder), Error);
  std::ofstream(folder / "sub" / "Info.cfg") << "ED: 1\nES: 2\n";
  EXPECT_THAT(find_labeled_folders(folder), ElementsAre(folder / "sub"));
  EXPECT_THROW(read_labeled_folder(folder / "sub"), Error);
}

// ---- real hearts ----

// The groups of ACDC are defined by these numbers (Bernard et al., IEEE TMI 2018): DCM has an EF
// below 40 %, normal hearts above 50 %. Checked on expert labels of train patients.
TEST(LabelMaps, ExpertLabelsOfAcdcGiveTheNumbersOfTheirGroup) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const std::pair<const char*, const char*> patients[] = {
      {"patient001", "DCM"}, {"patient002", "DCM"}, {"patient021", "HCM"}, {"patient041", "MINF"},
      {"patient061", "NOR"}, {"patient062", "NOR"}, {"patient082", "RV"}};
  for (const auto& [name, group] : patients) {
    SCOPED_TRACE(name);
    const LabeledHeart heart = read_labeled_folder(*data / "acdc" / "training" / name);
    const HeartMeasures measures = measure_heart(heart);
    const Measures& m = measures.discs;
    EXPECT_EQ(measures.phases_chosen_by, "name");
    EXPECT_GT(*m.lv_edv_ml, *m.lv_esv_ml);
    EXPECT_GT(*m.rv_edv_ml, *m.rv_esv_ml);
    EXPECT_TRUE(*m.lv_edv_ml > 40 && *m.lv_edv_ml < 400) << *m.lv_edv_ml;
    EXPECT_TRUE(*m.lv_mass_g > 30 && *m.lv_mass_g < 300) << *m.lv_mass_g;
    EXPECT_TRUE(*measures.bsa_m2 > 1.2 && *measures.bsa_m2 < 2.6) << *measures.bsa_m2;
    if (std::string(group) == "DCM") {
      EXPECT_LT(*m.lv_ef_percent, 40);
    } else if (std::string(group) == "NOR") {
      EXPECT_GT(*m.lv_ef_percent, 50);
    } else if (std::string(group) == "HCM") {
      EXPECT_GT(*m.lv_ef_percent, 50);
    }
  }
}

}  // namespace
}  // namespace dmcvr
