// SPDX-License-Identifier: Apache-2.0
#include "geometry/oblique.h"
#include "io/raw_nifti.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>

namespace dmcvr {
namespace {

Cine random_cine(uint64_t seed, int64_t phases, bool left_handed) {
  auto generator = make_generator(seed, "cine");
  Cine cine = {
      test::oblique_grid(seed, left_handed), torch::randn({phases, 5, 6, 7}, generator) * 1e3, {}};
  for (int64_t t = 0; t < phases && phases > 1; ++t)
    cine.times_ms.push_back(12.5 + 31.25 * static_cast<double>(t));
  return cine;
}

Labels random_labels(uint64_t seed, int64_t phases) {
  auto generator = make_generator(seed, "labels");
  return {test::oblique_grid(seed, true),
          torch::randint(0, 4, {phases, 5, 6, 7}, generator, torch::kUInt8), acdc_label_table()};
}

}  // namespace

TEST(NiftiWriteProperty, WriteThenReadIsTheIdentity) {
  const auto folder = test::fresh_folder();
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Cine cine = random_cine(seed, seed % 3 == 0 ? 1 : 4, seed % 2 == 1);
    if (seed >= 6) cine.voxels = cine.voxels.round();
    for (const char* name : {"a.nii", "a.nii.gz"}) {
      write_nifti(folder / name, cine);
      const NiftiHeader header = read_nifti_header(folder / name);
      EXPECT_EQ(header.dim[0], cine.phase_count() == 1 ? 3 : 4);
      EXPECT_EQ(header.datatype, seed >= 6 ? 4 : 16);  // int16 where it loses nothing
      const Cine read = read_nifti(folder / name);
      read.check();
      EXPECT_TRUE(read.voxels.equal(cine.voxels));
      EXPECT_TRUE(same_grid(read.grid, cine.grid, 1e-4));
      EXPECT_EQ(read.times_ms, cine.times_ms);
    }
  }
}

TEST(NiftiWriteProperty, WritingWhatWasReadGivesTheSameBytes) {
  const auto folder = test::fresh_folder();
  for (uint64_t seed = 0; seed < 6; ++seed) {
    write_nifti(folder / "a.nii.gz", random_cine(seed, 3, seed % 2 == 1), {"a heart", 4, {}});
    write_nifti(folder / "b.nii.gz", read_nifti(folder / "a.nii.gz"), {"a heart", 4, {}});
    EXPECT_TRUE(test::content_of(folder / "a.nii.gz") == test::content_of(folder / "b.nii.gz"))
        << seed;
  }
}

TEST(NiftiWriteProperty, LabelsSurviveWithTheirTable) {
  const auto folder = test::fresh_folder();
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const Labels labels = random_labels(seed, seed % 2 == 0 ? 1 : 3);
    write_nifti(folder / "a.nii.gz", labels);
    const NiftiHeader header = read_nifti_header(folder / "a.nii.gz");
    EXPECT_EQ(header.datatype, 2);
    EXPECT_EQ(header.descrip, "1=RVC 2=LVM 3=LVC");
    const Labels read = read_nifti_labels(folder / "a.nii.gz", acdc_label_table());
    read.check();
    EXPECT_TRUE(read.voxels.equal(labels.voxels));
    EXPECT_TRUE(same_grid(read.grid, labels.grid, 1e-4));
    EXPECT_EQ(read.table, acdc_label_table());
  }
}

TEST(NiftiWriteProperty, PhaseByPhaseGivesTheSameBytes) {
  const auto folder = test::fresh_folder();
  for (const int64_t phases : {1, 2, 5}) {
    for (const char* ending : {".nii", ".nii.gz"}) {
      Cine cine = random_cine(static_cast<uint64_t>(phases), phases, true);
      const auto whole = folder / (std::string("whole") + ending);
      const auto film = folder / (std::string("film") + ending);
      write_nifti(whole, cine, {"a heart", 4, {}});
      NiftiFilm writer(film, cine.grid, phases, cine.times_ms, {"a heart", 4, {}});
      for (int64_t t = 0; t < phases; ++t) {
        EXPECT_FALSE(std::filesystem::exists(film));
        writer.add(cine.voxels[t]);
      }
      writer.finish();
      EXPECT_TRUE(test::content_of(film) == test::content_of(whole)) << phases << ending;
      std::filesystem::remove(film);
    }
  }
}

TEST(NiftiFilm, IsGoneUnlessAllPhasesCame) {
  const auto folder = test::fresh_folder();
  const Cine cine = random_cine(1, 2, false);
  {
    NiftiFilm film(folder / "a.nii.gz", cine.grid, 2, {});
    film.add(cine.voxels[0]);
    EXPECT_THROW(film.finish(), c10::Error);
    EXPECT_THROW(film.add(cine.voxels[0][0]), c10::Error);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(NiftiWrite, LabelsTakeTimesThatAreGiven) {
  const auto folder = test::fresh_folder();
  NiftiWriteOptions options;
  options.times_ms = {20, 60, 100};
  write_nifti(folder / "a.nii.gz", random_labels(1, 3), options);
  const NiftiHeader header = read_nifti_header(folder / "a.nii.gz");
  EXPECT_EQ(header.pixdim[4], 40);
  EXPECT_EQ(phase_times_ms(header), options.times_ms);
  options.times_ms.pop_back();
  EXPECT_THROW(write_nifti(folder / "a.nii.gz", random_labels(1, 3), options), c10::Error);
}

TEST(NiftiWrite, TakesVersionTwoForLongAxes) {
  const auto path = test::fresh_folder() / "a.nii.gz";
  Grid line;
  line.size = {40'000, 1, 1};
  const Cine cine = {line, torch::arange(40'000, torch::kFloat32).reshape({1, 1, 1, 40'000}), {}};
  write_nifti(path, cine);
  EXPECT_EQ(read_nifti_header(path).version, 2);
  EXPECT_TRUE(read_nifti(path).voxels.equal(cine.voxels));
}

TEST(NiftiWrite, RefusesOtherNamesAndBadOptions) {
  const auto folder = test::fresh_folder();
  const Cine cine = random_cine(1, 1, false);
  EXPECT_THROW(write_nifti(folder / "a.nrrd", cine), Error);
  EXPECT_THROW(write_nifti(folder / "a.gz", cine), Error);
  EXPECT_THROW(write_nifti(folder / "missing" / "a.nii", cine), Error);
  EXPECT_THROW(write_nifti(folder / "a.nii", cine, {std::string(80, 'x'), 4, {}}), Error);
  EXPECT_THROW(write_nifti(folder / "a.nii.gz", cine, {"", 10, {}}), Error);
  Cine broken = cine;
  broken.voxels = cine.voxels.clone();
  broken.voxels[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(write_nifti(folder / "a.nii", broken), c10::Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace dmcvr
