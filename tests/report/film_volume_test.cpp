// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/film_volume.h"

#include "report/toy_reconstruction.h"
#include "support.h"

#include "dmcvr/core/sha256.h"
#include "dmcvr/report/output_folder.h"

#include <gtest/gtest.h>

#include <iterator>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

int64_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

// Four phases, ED and ES not the first ones.
Reconstruction film_of_four() {
  Reconstruction made = test::toy_reconstruction();
  made.volume.voxels = torch::cat({made.volume.voxels + 7, made.volume.voxels});
  made.volume.times_ms = {0, 200, 400, 600};
  made.labels.voxels = made.labels.voxels.repeat({2, 1, 1, 1});
  made.provenance.voxels = made.provenance.voxels.repeat({2, 1, 1, 1});
  made.phase_names = {"phase00", "ed", "phase02", "es"};
  return made;
}

Study study_of(const Reconstruction& made) {
  Study study = test::toy_study();
  study.sax = made.volume;
  study.phase_names = made.phase_names;
  return study;
}

}  // namespace

TEST(FilmVolume, GivesTheFolderOfTheWholeVolume) {
  const fs::path folder = test::fresh_folder();
  Reconstruction made = film_of_four();
  const Study study = study_of(made);
  RunRecord record;
  write_reconstruction(folder / "whole", study, made, record, false);

  FilmVolume film(folder / "deep" / "film", study);
  for (int64_t t = 0; t < 4; ++t) film.add(t, made.volume.phase(t));
  made.volume.voxels = torch::Tensor();
  record.film = &film;
  write_reconstruction(folder / "deep" / "film", study, made, record, false);
  for (const auto& entry : fs::directory_iterator(folder / "whole")) {
    EXPECT_EQ(sha256_of_file(entry.path()),
              sha256_of_file(folder / "deep" / "film" / entry.path().filename()))
        << entry.path();
  }
  EXPECT_EQ(entries(folder / "deep"), 1);
}

TEST(FilmVolume, ShowsWhatThePreviewShows) {
  const fs::path folder = test::fresh_folder();
  const Reconstruction made = film_of_four();
  FilmVolume film(folder / "out/", study_of(made));
  for (int64_t t = 0; t < 4; ++t) film.add(t, made.volume.phase(t));
  PreviewContent content;
  film.show(content);
  EXPECT_EQ(content.volume_phases, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(content.volume.times_ms, (std::vector<double>{200, 600}));
  EXPECT_TRUE(content.volume.voxels[1].equal(made.volume.voxels[3]));
}

TEST(FilmVolume, LeavesNothingThatWasNotTaken) {
  const fs::path folder = test::fresh_folder();
  const Reconstruction made = film_of_four();
  {
    FilmVolume film(folder / "out", study_of(made));
    EXPECT_EQ(entries(folder), 0);
    film.add(0, made.volume.phase(0));
    EXPECT_EQ(entries(folder), 1);
  }
  EXPECT_EQ(entries(folder), 0);
}

}  // namespace dmcvr
