// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/acdc.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

// Five frames, of which 2 is ES and 4 is ED; the film beside them.
std::filesystem::path acdc_film_patient(int64_t film_frames) {
  const auto folder = test::fresh_folder() / "patient009";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "Info.cfg") << "ED: 4\nES: 2\nHeight: 0\n";
  Cine film;
  film.grid.size = {20, 18, 3};
  film.voxels = test::golden_input("film", {film_frames, 3, 18, 20}, 100, 200).round();
  write_nifti(folder / "patient009_4d.nii.gz", film);
  for (const int64_t frame : {2, 4}) {
    const auto index = std::min(frame, film_frames) - 1;
    const Cine picture{film.grid, film.voxels.slice(0, index, index + 1), {}};
    write_nifti(folder / fmt::format("patient009_frame{:02}.nii.gz", frame), picture);
  }
  return folder;
}

}  // namespace

TEST(Acdc, ItsFilmHasAllFramesAndTheirNames) {
  const auto folder = acdc_film_patient(5);
  const Study study = read_study(folder);
  const auto film = read_film(folder);
  ASSERT_TRUE(film);
  film->check();
  EXPECT_EQ(film->name, "patient009");
  EXPECT_EQ(film->phase_names,
            (std::vector<std::string>{"phase00", "es", "phase02", "ed", "phase04"}));
  EXPECT_EQ(study.frames, (std::vector<int64_t>{1, 3}));
  EXPECT_FALSE(study.height_cm);
  for (const int64_t phase : {0, 1})
    EXPECT_TRUE(
        film->sax.voxels[study.frames[static_cast<size_t>(phase)]].equal(study.sax.voxels[phase]));
  EXPECT_THROW(read_film(acdc_film_patient(3)), Error);
}

// Whatever files there are: a frame has a whole number from 1 on.
TEST(Acdc, NumbersThatAreNoFramesAreRefused) {
  const auto folder = acdc_film_patient(5);
  for (const auto* frame : {"0.5", "3.5", "1e300", "-1", "0", "nan"}) {
    std::ofstream(folder / "Info.cfg") << "ED: " << frame << "\nES: 2\n";
    EXPECT_THROW(read_study(folder), Error) << frame;
    EXPECT_THROW(read_film(folder), Error) << frame;
  }
}

TEST(Acdc, NoFilmIsNoError) {
  const auto folder = acdc_film_patient(5);
  std::filesystem::remove(folder / "patient009_4d.nii.gz");
  EXPECT_FALSE(read_film(folder));
}

}  // namespace dmcvr
