// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/cases.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

Cine layout_film(int64_t phases, int64_t slices) {
  Cine film;
  film.grid.size = {20, 18, slices};
  film.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 9}}};
  film.voxels = test::golden_input("film", {phases, slices, 18, 20}, 100, 200).round();
  if (phases > 1) {
    for (int64_t t = 0; t < phases; ++t) film.times_ms.push_back(40.0 * static_cast<double>(t));
  }
  return film;
}

// Frames 1 and 7; `ed` and `es` say which is which.
fs::path acdc_patient(int ed, int es, bool with_labels = true) {
  const fs::path folder = test::fresh_folder() / "patient007";
  fs::create_directories(folder);
  std::ofstream(folder / "Info.cfg")
      << "ED: " << ed << "\r\nES: " << es << "\r\nGroup: DCM\r\nHeight: 184.0\r\nWeight: 95.0\r\n";
  for (const int frame : {1, 7}) {
    auto film = layout_film(1, 4);
    film.voxels += frame;
    write_nifti(folder / fmt::format("patient007_frame{:02}.nii.gz", frame), film);
    if (!with_labels) continue;
    Labels labels{film.grid, torch::zeros({1, 4, 18, 20}, torch::kUInt8), acdc_label_table()};
    labels.voxels[0][1][5][6] = 3;  // LVC in ACDC's table
    write_nifti(folder / fmt::format("patient007_frame{:02}_gt.nii.gz", frame), labels);
  }
  return folder;
}

std::string read_error_of(const fs::path& path) {
  try {
    read_study(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(ReadStudy, TakesAFilm) {
  const auto path = test::fresh_folder() / "heart.nii.gz";
  write_nifti(path, layout_film(3, 4));
  const auto study = read_study(path);
  study.check();
  EXPECT_EQ(study.name, "heart");
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"phase00", "phase01", "phase02"}));
  EXPECT_EQ(study.sax.times_ms.size(), 3U);
  EXPECT_EQ(study.inputs.at(0).name, "heart.nii.gz");
  EXPECT_FALSE(study.labels);
}

TEST(ReadStudy, TakesAnAcdcPatient) {
  const auto study = read_study(acdc_patient(1, 7).string() + "/");
  study.check();
  EXPECT_EQ(study.name, "patient007");
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"ed", "es"}));
  EXPECT_EQ(study.height_cm, 184);
  EXPECT_EQ(study.weight_kg, 95);
  ASSERT_TRUE(study.labels);
  EXPECT_EQ(study.labels->voxels[1][1][5][6].item<int64_t>(), kLvc);
  EXPECT_EQ(study.inputs.size(), 5U);  // Info.cfg, too
}

// Of a study that was read once: what it was made from is still there, and nothing new.
TEST(HasInputs, SeesFilesThatChangedCameAndWent) {
  const auto folder = acdc_patient(1, 7);
  const auto inputs = read_study(folder).inputs;
  EXPECT_TRUE(has_inputs(folder, inputs));
  EXPECT_FALSE(has_inputs(folder, {}));
  EXPECT_TRUE(has_inputs(folder, inputs, {}, {"acdc", ""}));
  EXPECT_FALSE(has_inputs(folder, inputs, {}, {"mnms", ""}));  // read otherwise

  const auto info = test::content_of(folder / "Info.cfg");
  std::ofstream(folder / "Info.cfg") << "ED: 7\nES: 1\n";
  EXPECT_FALSE(has_inputs(folder, inputs));
  std::ofstream(folder / "Info.cfg") << info;
  EXPECT_TRUE(has_inputs(folder, inputs));

  const auto labels = folder / "patient007_frame07_gt.nii.gz";
  fs::rename(labels, folder / "gone");
  EXPECT_FALSE(has_inputs(folder, inputs));
  const auto without = read_study(folder).inputs;
  EXPECT_TRUE(has_inputs(folder, without));
  fs::rename(folder / "gone", labels);
  EXPECT_FALSE(has_inputs(folder, without));
  EXPECT_TRUE(has_inputs(folder, without, {}, {}, LaterFiles::pass));

  // What is not read with the study may be named beside its files, as a phantom's dense truth is.
  auto more = inputs;
  more.push_back({"gone", ""});
  EXPECT_FALSE(has_inputs(folder, more));
  std::ofstream(folder / "more") << "truth";
  more.back() = {"more", sha256_of("truth")};
  EXPECT_TRUE(has_inputs(folder, more));
}

// A look at what is known already says nothing anew.
TEST(HasInputs, IsSilent) {
  const auto path = test::fresh_folder() / "heart.nii.gz";
  auto map = layout_film(1, 4);
  map.voxels = (map.voxels > 150).to(torch::kFloat32);
  write_nifti(path, map);
  std::vector<InputFile> inputs;
  EXPECT_NE(test::log_of([&] { inputs = read_study(path).inputs; }), "");
  EXPECT_EQ(test::log_of([&] { EXPECT_TRUE(has_inputs(path, inputs)); }), "");
}

TEST(ReadStudy, KeepsTheTimeOrderOfAcdcFrames) {
  const auto study = read_study(acdc_patient(7, 1, false));
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"es", "ed"}));
  EXPECT_FALSE(study.labels);
  EXPECT_EQ((study.sax.voxels[1] - study.sax.voxels[0]).mean().item<float>(), 6);
}

TEST(ReadStudy, NamesWhatItCannotTake) {
  const auto folder = test::fresh_folder();
  EXPECT_NE(read_error_of(folder / "missing.nii.gz").find("no such file"), std::string::npos);
  EXPECT_NE(read_error_of(folder).find("not a study"), std::string::npos);
  std::ofstream(folder / "notes.txt") << "text";
  EXPECT_NE(read_error_of(folder / "notes.txt").find("neither a NIfTI file"), std::string::npos);

  write_nifti(folder / "one.nii.gz", layout_film(1, 1));
  EXPECT_NE(read_error_of(folder / "one.nii.gz").find("a single slice"), std::string::npos);
  auto empty = layout_film(1, 3);
  empty.voxels.zero_();
  write_nifti(folder / "empty.nii.gz", empty);
  EXPECT_NE(read_error_of(folder / "empty.nii.gz").find("empty: every voxel is 0"),
            std::string::npos);

  auto gap = layout_film(3, 3);
  gap.voxels[1].zero_();
  write_nifti(folder / "gap.nii.gz", gap);
  EXPECT_NE(read_error_of(folder / "gap.nii.gz").find("phase 2 of 3 is empty"), std::string::npos);

  const auto patient = acdc_patient(1, 7);
  fs::remove(patient / "patient007_frame07.nii.gz");
  EXPECT_NE(read_error_of(patient).find("_frame07.nii.gz"), std::string::npos);
  std::ofstream(patient / "Info.cfg") << "ED: 1st\nES: 7\n";
  EXPECT_NE(read_error_of(patient).find("does not say which frame is ED"), std::string::npos);
}

TEST(ReadStudy, TakesRealAcdcPatients) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const auto study = read_study(*data / "acdc" / "training" / "patient001");
  study.check();
  EXPECT_EQ(study.sax.grid.size, (std::array<int64_t, 3>{216, 256, 10}));
  const auto spacing = study.sax.grid.spacing_mm();
  EXPECT_NEAR(spacing[0], 1.5625, 1e-4);
  EXPECT_NEAR(spacing[2], 10, 1e-4);
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"ed", "es"}));
  ASSERT_TRUE(study.labels);
  // A dilated ventricle: its cavity is the largest structure at ED, and smaller at ES.
  const auto ml = [&](int64_t phase, int64_t label) {
    return static_cast<double>((study.labels->voxels[phase] == label).sum().item<int64_t>()) *
           study.sax.grid.voxel_ml();
  };
  EXPECT_GT(ml(0, kLvc), 250);
  EXPECT_LT(ml(1, kLvc), ml(0, kLvc));
  EXPECT_GT(ml(0, kLvm), 100);
  EXPECT_GT(ml(0, kRvc), 80);
  const auto cases = find_cases(*data / "acdc" / "training");
  EXPECT_EQ(case_name(cases.front()), "patient001");
}

TEST(ReadStudy, ALayoutThatIsAskedForIsOneOrAnError) {
  const auto folder = acdc_patient(1, 7);
  EXPECT_EQ(layout_of(folder), "acdc");
  EXPECT_EQ(read_study(folder, {}, {"acdc", ""}).source, "ACDC");
  for (const auto& word : layout_words()) {
    if (word == "auto" || word == "acdc") continue;
    try {
      read_study(folder, {}, {word, ""});
      ADD_FAILURE() << word;
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("as layout " + word + " asks"), std::string::npos) << text;
      EXPECT_EQ(text.rfind(folder.string() + ": ", 0), 0U) << text;
    }
    EXPECT_THROW(find_cases(folder.parent_path(), {word, ""}), Error) << word;
  }
  EXPECT_EQ(find_cases(folder.parent_path(), {"acdc", ""}), std::vector<fs::path>{folder});
}

}  // namespace dmcvr
