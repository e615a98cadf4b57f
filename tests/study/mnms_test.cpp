// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/mnms.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMnmsTable = "211230_M&Ms_Dataset_information_diagnosis_opendataset.csv";
constexpr const char* kMnmsColumns =
    ",External code,VendorName,Vendor,Centre,ED,ES,Age,Pathology,Sex,Height,Weight\n";

// Five frames: ED is 0, ES is 2.
const Phantom& mnms_phantom() {
  static const Phantom phantom = [] {
    PhantomOptions options;
    options.seed = 5;
    options.phases = 5;
    options.slices = 4;
    options.matrix = 48;
    options.spacing_mm = 5;
    options.dense = false;
    return make_phantom(options);
  }();
  return phantom;
}

Labels only_frames(Labels labels, const std::vector<int64_t>& frames) {
  const auto all = labels.voxels.clone();
  labels.voxels.zero_();
  for (const int64_t frame : frames) labels.voxels[frame].copy_(all[frame]);
  return labels;
}

// OpenDataset/Training/Labeled/A0S9V9 as published, the film and its labels in two frames.
fs::path mnms_subject(const std::vector<int64_t>& labeled = {0, 2},
                      const std::string& row = "0,A0S9V9,Siemens,A,1,0,2,52,HCM,M,176.0,81.5\n") {
  const fs::path root = test::fresh_folder() / "OpenDataset";
  const fs::path folder = root / "Training" / "Labeled" / "A0S9V9";
  fs::create_directories(folder);
  std::ofstream(root / kMnmsTable) << kMnmsColumns << "9,B1,Philips,B,2,7,9,50,NOR,F,170,70\n"
                                   << row;
  const Study& study = mnms_phantom().study;
  write_nifti(folder / "A0S9V9_sa.nii.gz", study.sax);
  if (!labeled.empty()) {
    Labels labels = *study.labels;
    labels.voxels = labels.voxels.clone();
    write_nifti(folder / "A0S9V9_sa_gt.nii.gz", only_frames(labels, labeled));
  }
  return folder;
}

Cine frame_of(const Cine& cine, int64_t frame) {
  return {cine.grid, cine.voxels.slice(0, frame, frame + 1), {}};
}

Labels frame_of(const Labels& labels, int64_t frame) {
  return {labels.grid, labels.voxels.slice(0, frame, frame + 1), labels.table};
}

// dataset/042 as published: film, ED and ES of both views, with labels.
fs::path mnms2_subject() {
  const fs::path folder = test::fresh_folder() / "dataset" / "042";
  fs::create_directories(folder);
  const Study& study = mnms_phantom().study;
  const View& view = study.views.back();
  for (const auto& [word, frame] : {std::pair{"ED", 0}, std::pair{"ES", 2}}) {
    const auto path = [&, word = word](const char* name, const char* ending) {
      return folder / fmt::format("042_{}_{}{}.nii.gz", name, word, ending);
    };
    write_nifti(path("SA", ""), frame_of(study.sax, frame));
    write_nifti(path("SA", "_gt"), frame_of(*study.labels, frame));
    write_nifti(path("LA", ""), frame_of(view.cine, frame));
    write_nifti(path("LA", "_gt"), frame_of(*view.labels, frame));
  }
  write_nifti(folder / "042_SA_CINE.nii.gz", study.sax);
  write_nifti(folder / "042_LA_CINE.nii.gz", view.cine);
  std::ofstream(folder.parent_path() / "dataset_information.csv")
      << "SUBJECT_CODE,DISEASE,VENDOR,SCANNER,FIELD\n042,HCM,GE MEDICAL SYSTEMS,Signa,1.5\n";
  return folder;
}

std::string mnms_error(const fs::path& folder) {
  try {
    read_study(folder);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_end_phases(const Study& study) {
  study.check();
  const Study& truth = mnms_phantom().study;
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"ed", "es"}));
  ASSERT_TRUE(study.labels);
  ASSERT_EQ(study.sax.phase_count(), 2);
  for (const auto& [phase, frame] : {std::pair{0, 0}, std::pair{1, 2}}) {
    EXPECT_TRUE(study.sax.voxels[phase].equal(truth.sax.voxels[frame]));
    EXPECT_TRUE(study.labels->voxels[phase].equal(truth.labels->voxels[frame]));
  }
}

}  // namespace

TEST(Mnms, TheTableNamesEdAndEsHeightAndWeight) {
  const Study study = read_study(mnms_subject());
  expect_end_phases(study);
  EXPECT_EQ(study.name, "A0S9V9");
  EXPECT_EQ(study.source, "M&Ms");
  EXPECT_EQ(study.frames, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(study.height_cm, 176);
  EXPECT_EQ(study.weight_kg, 81.5);
  EXPECT_EQ(study.inputs.size(), 3U);  // with the table
  EXPECT_EQ(study.sax.times_ms.size(), 2U);
}

TEST(Mnms, WithoutATableTheLabelsSayWhatIsEdAndEs) {
  const auto folder = mnms_subject();
  fs::remove(folder.parent_path().parent_path().parent_path() / kMnmsTable);
  const Study study = read_study(folder);
  expect_end_phases(study);
  EXPECT_FALSE(study.height_cm);
}

TEST(Mnms, WithoutLabelsTheTableAloneSaysIt) {
  const Study study = read_study(mnms_subject({}));
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"ed", "es"}));
  EXPECT_EQ(study.frames, (std::vector<int64_t>{0, 2}));
  EXPECT_FALSE(study.labels);
}

TEST(Mnms, WithoutBothTheStudyIsTheFilm) {
  for (const auto* row : {"0,A0S9V9,Siemens,A,1,,,52,HCM,M,0,N/A\n", "0,C3,,,,0,2,,,,,\n"}) {
    const Study study = read_study(mnms_subject({}, row));
    EXPECT_EQ(study.phase_names.size(), 5U);
    EXPECT_EQ(study.phase_names[3], "phase03");
    EXPECT_FALSE(study.height_cm);
    EXPECT_FALSE(study.weight_kg);
  }
}

TEST(Mnms, LabelsAreBelievedWhereTheTableDisagrees) {
  const Study study = read_study(mnms_subject({0, 2}, "0,A0S9V9,Siemens,A,1,1,3,52,HCM,M,,\n"));
  expect_end_phases(study);
}

TEST(Mnms, ItsFilmHasAllFramesAndTheirNames) {
  const auto film = read_film(mnms_subject());
  ASSERT_TRUE(film);
  film->check();
  EXPECT_EQ(film->phase_names,
            (std::vector<std::string>{"ed", "phase01", "es", "phase03", "phase04"}));
  EXPECT_TRUE(film->sax.voxels.equal(mnms_phantom().study.sax.voxels));
  EXPECT_FALSE(film->labels);
}

TEST(Mnms, NamesWhatIsWrongWithTheTable) {
  const auto folder = mnms_subject({0, 2}, "0,A0S9V9,,,,first,2,,,,,\n");
  EXPECT_NE(mnms_error(folder).find("'first' as the ED of A0S9V9"), std::string::npos);
  EXPECT_NE(mnms_error(mnms_subject({0, 2}, "0,A0S9V9,,,,0,5,,,,,\n")).find("the film has 5"),
            std::string::npos);
  EXPECT_NE(mnms_error(mnms_subject({2})).find("labels in 1 of 5 frames"), std::string::npos);
  const auto other = mnms_subject();
  std::ofstream(other.parent_path().parent_path().parent_path() / kMnmsTable)
      << "Code,ED frame\nA0S9V9,0\n";
  EXPECT_NE(mnms_error(other).find("no column 'External code'; columns are Code, ED frame"),
            std::string::npos);
}

TEST(Mnms, TheLatestTableCounts) {
  const auto folder = mnms_subject();
  const auto root = folder.parent_path().parent_path().parent_path();
  std::ofstream(root / "201014_M&Ms_Dataset_Information_-_opendataset.csv") << "Code\nA0S9V9\n";
  expect_end_phases(read_study(folder));
}

TEST(Mnms, AWholeSetIsAnInput) {
  const auto folder = mnms_subject();
  const auto root = folder.parent_path().parent_path().parent_path();
  fs::create_directories(root / "Validation");
  fs::copy(folder, root / "Validation" / "A0S9V9-copy", fs::copy_options::recursive);
  EXPECT_EQ(find_cases(root), (std::vector<fs::path>{folder, root / "Validation" / "A0S9V9-copy"}));
  expect_end_phases(read_study(root / "Validation" / "A0S9V9-copy"));  // its files keep their code
}

TEST(Mnms2, ReadsBothViewsInEdAndEs) {
  const auto folder = mnms2_subject();
  const Study study = read_study(folder.string() + "/");
  expect_end_phases(study);
  EXPECT_EQ(study.name, "042");
  EXPECT_EQ(study.source, "M&Ms-2");
  EXPECT_EQ(study.inputs.size(), 8U);
  ASSERT_EQ(study.views.size(), 1U);
  EXPECT_EQ(study.views[0].name, "4ch");
  EXPECT_EQ(study.views[0].cine.phase_count(), 2);
  ASSERT_TRUE(study.views[0].labels);
  EXPECT_TRUE(
      study.views[0].labels->voxels[1].equal(mnms_phantom().study.views.back().labels->voxels[2]));
  EXPECT_EQ(find_cases(folder.parent_path()), std::vector<fs::path>{folder});
}

TEST(Mnms2, FindsEdAndEsInItsFilm) {
  const auto film = read_film(mnms2_subject());
  ASSERT_TRUE(film);
  EXPECT_EQ(film->phase_names,
            (std::vector<std::string>{"ed", "phase01", "es", "phase03", "phase04"}));
}

TEST(Mnms2, TakesWhatIsThere) {
  const auto folder = mnms2_subject();
  fs::remove(folder / "042_LA_ES.nii.gz");
  fs::remove(folder / "042_SA_ES_gt.nii.gz");
  const Study study = read_study(folder);
  study.check();
  EXPECT_TRUE(study.views.empty());
  EXPECT_FALSE(study.labels);
  for (const auto* word : {"ED", "ES"}) fs::remove(folder / fmt::format("042_SA_{}.nii.gz", word));
  EXPECT_EQ(read_study(folder).sax.phase_count(), 5);
  EXPECT_FALSE(read_film(folder));
}

}  // namespace dmcvr
