// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_study.h"

#include "study/dicom_files.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using test::DicomFilm;
using test::DicomPage;
using test::write_dicom_film;

// A long-axis film at right angles to the short axis.
DicomFilm long_axis(const std::string& name, int64_t slices = 1) {
  DicomFilm film;
  film.slices = slices;
  film.change = [name](DicomPage& page, int64_t k, int64_t) {
    page.directions = {1, 0, 0, 0, 0, 1};
    if (name[0] == '2') page.directions = {0, 1, 0, 0, 0, 1};
    page.position = {10, 30 + 5 * static_cast<double>(k), 20};
    page.description = name;
    page.series_uid = "1.2.3." + std::to_string(10 + name.size());
    return true;
  };
  return film;
}

std::string dicom_refusal(const fs::path& path) {
  try {
    read_study(path);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind(path.string(), 0), 0u) << error.what();
    return error.what();
  }
  return "";
}

TEST(DicomStudy, ShortAxisWithItsViews) {
  const auto folder = test::fresh_folder() / "patient";
  write_dicom_film({}, folder / "a");
  write_dicom_film(long_axis("cine 4ch"), folder / "b");
  write_dicom_film(long_axis("2 chamber"), folder / "c");
  const Study study = read_study(folder);
  study.check();
  EXPECT_EQ(study.name, "patient");
  EXPECT_EQ(study.source, "DICOM");
  EXPECT_TRUE(comes_from_dicom(study));
  EXPECT_EQ(study.sax.grid.size, (std::array<int64_t, 3>{24, 20, 4}));
  EXPECT_EQ(study.phase_names.back(), "phase04");
  ASSERT_EQ(study.inputs.size(), 1u);
  EXPECT_EQ(study.inputs[0].name, "patient");
  std::vector<std::string> views;
  for (const auto& view : study.views) views.push_back(view.name);
  std::sort(views.begin(), views.end());
  EXPECT_EQ(views, (std::vector<std::string>{"2ch", "4ch"}));
  EXPECT_EQ(study.views[0].cine.phase_count(), 5);
  EXPECT_EQ(find_cases(folder.parent_path()), std::vector<fs::path>{folder});
}

// A slice of another examination along a stack of one phase may be a localizer; half a stack is
// not.
TEST(DicomStudy, AnotherExaminationCountsByItsPictures) {
  for (const int64_t slices : {1, 2}) {
    const auto folder = test::fresh_folder();
    DicomFilm still, other;
    still.phases = other.phases = 1;
    other.slices = slices;
    other.change = [](DicomPage& page, int64_t, int64_t) {
      page.study_uid = "1.2.9";
      page.series_uid = "1.2.9.1";
      page.position[0] += 40;
      return true;
    };
    write_dicom_film(still, folder);
    write_dicom_film(other, folder / "b");
    if (slices == 2) {
      EXPECT_NE(dicom_refusal(folder).find("of 2 examinations"), std::string::npos);
    } else {
      EXPECT_EQ(read_study(folder).sax.grid.size[2], 4);
    }
  }
}

TEST(DicomStudy, IdentityIsThatOfTheShortAxis) {
  const auto folder = test::fresh_folder();
  DicomFilm view = long_axis("cine 4ch");
  const auto turn = view.change;
  view.change = [turn](DicomPage& page, int64_t k, int64_t t) {
    page.frame_of_reference = "1.2.3.77";
    return turn(page, k, t);
  };
  write_dicom_film(view, folder / "a");
  write_dicom_film({}, folder / "b");
  const DicomIdentity identity = identity_of_study(folder);
  EXPECT_EQ(identity.patient_name, "patient one");
  EXPECT_EQ(identity.patient_id, "patient one");
  EXPECT_EQ(identity.study_uid, "1.2.3");
  EXPECT_EQ(identity.frame_of_reference, "1.2.3.9");
  EXPECT_THROW(identity_of_study(folder / "a"), Error);
}

TEST(DicomStudy, OfAStackOfLongAxisSlicesTheMiddleIsTaken) {
  const auto folder = test::fresh_folder();
  DicomFilm sax;
  sax.slices = 8;
  write_dicom_film(sax, folder / "a");
  write_dicom_film(long_axis("LAX", 5), folder / "b");
  const Study study = read_study(folder);
  ASSERT_EQ(study.views.size(), 3u);
  EXPECT_EQ(study.views[0].name, "lax1");  // from the lowest along the normal, which is -y here
  EXPECT_TRUE(study.views[0].cine.voxels[2][0].equal(DicomFilm::pixels(3, 2).to(torch::kFloat32)));
  EXPECT_EQ(study.views[0].cine.grid.size[2], 1);
}

// Where one of them is missing, each of the others still lies where it was acquired.
TEST(DicomStudy, ViewsOfAnUnevenStackLieWhereTheyWereAcquired) {
  const auto folder = test::fresh_folder();
  DicomFilm sax;
  sax.slices = 8;
  write_dicom_film(sax, folder / "a");
  DicomFilm lax = long_axis("LAX", 6);
  lax.change = [whole = lax.change](DicomPage& page, int64_t k, int64_t t) {
    return whole(page, k, t) && k != 4;
  };
  write_dicom_film(lax, folder / "b");
  const Study study = read_study(folder);
  ASSERT_EQ(study.views.size(), 3u);
  for (const View& view : study.views) {
    const auto slice = std::lround((view.cine.voxels[2][0][1][1].item<double>() - 2) / 100);
    // LPS y is 30 mm and 5 more per slice; RAS y the opposite.
    EXPECT_NEAR(view.cine.grid.world_from_voxel({0, 0, 0})[1],
                -(30 + 5 * static_cast<double>(slice)), 1e-6)
        << view.name;
  }
}

TEST(DicomStudy, UnevenSlicesAreKnownToTheStudy) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t) {
    if (k == 3) page.position[2] += 4;
    return true;
  };
  EXPECT_EQ(read_study(write_dicom_film(film)).slice_z_mm, (std::vector<double>{0, 9, 18, 31}));
}

TEST(DicomStudy, RefusesWhatIsNoHeart) {
  DicomFilm other;
  other.change = [](DicomPage& page, int64_t, int64_t) {
    page.patient = "another";
    return true;
  };
  const auto two = test::fresh_folder() / "two";
  write_dicom_film({}, two);
  for (const auto& entry :
       fs::directory_iterator(write_dicom_film(other, two.parent_path() / "other")))
    fs::copy(entry.path(), two / ("b" + entry.path().filename().string()));
  EXPECT_NE(dicom_refusal(two).find("2 patients"), std::string::npos);

  DicomFilm single;
  single.slices = 1;
  EXPECT_NE(dicom_refusal(write_dicom_film(single, two.parent_path() / "single")).find("no stack"),
            std::string::npos);
}

// A real patient of the Sunnybrook set, and a pig's films with long-axis slices.
TEST(DicomStudy, RealFilms) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const Study human = read_study(*data / "sunnybrook/SCD0000101");
  EXPECT_EQ(human.sax.grid.size, (std::array<int64_t, 3>{256, 256, 12}));
  EXPECT_EQ(human.sax.phase_count(), 20);
  EXPECT_NEAR(human.sax.grid.spacing_mm()[2], 10, 1e-2);
  EXPECT_TRUE(human.slice_z_mm.empty());
  EXPECT_NEAR(human.sax.times_ms[1] - human.sax.times_ms[0], 37, 2);

  const Study pig = read_study(*data / "ep-pig");
  EXPECT_EQ(pig.sax.grid.size, (std::array<int64_t, 3>{256, 256, 20}));
  EXPECT_NEAR(pig.sax.grid.spacing_mm()[2], 5, 1e-2);
  ASSERT_EQ(pig.views.size(), 3u);
  EXPECT_EQ(pig.views[1].cine.phase_count(), 20);
}

}  // namespace
}  // namespace dmcvr
