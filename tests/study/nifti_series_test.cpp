// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/nifti_series.h"

#include "support.h"

#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

FoundSeries series_called(const std::string& name, int64_t slices) {
  const auto path = test::fresh_folder() / name;
  Cine cine;
  cine.grid.size = {128, 128, slices};
  cine.grid.world_from_voxel.matrix = {{{2, 0, 0}, {0, 2, 0}, {0, 0, 10}}};
  cine.voxels = torch::zeros({3, slices, 128, 128});
  cine.times_ms = {0, 30, 60};
  write_nifti(path, cine);
  return nifti_series(path);
}

}  // namespace

TEST(NiftiSeries, TellsViewsByNameAndShape) {
  for (const auto& [name, slices, view, by] :
       {std::tuple{"heart.nii.gz", 8, "sax", "geometry"},
        std::tuple{"A1_sa.nii.gz", 8, "sax", "name"},
        std::tuple{"lax_2ch.nii.gz", 1, "2ch", "name"},
        std::tuple{"007_LA_ED.nii", 1, "4ch", "name"},
        std::tuple{"slice.nii.gz", 1, "other", "geometry"}}) {
    const auto series = series_called(name, slices);
    EXPECT_EQ(series.view, view) << name;
    EXPECT_EQ(series.view_by, by) << name;
    EXPECT_TRUE(series.problems.empty()) << name << ": " << series.problems.front().code;
  }
}

TEST(NiftiSeries, KnowsWhatTheHeaderKnows) {
  const auto series = series_called("heart.nii.gz", 8);
  EXPECT_EQ(series.name, "heart");
  EXPECT_EQ(series.format, "NIfTI");
  EXPECT_EQ(series.phases, 3);
  EXPECT_EQ(series.times_ms, (std::vector<double>{0, 30, 60}));
  EXPECT_EQ(series.grid.size, (std::array<int64_t, 3>{128, 128, 8}));
  EXPECT_DOUBLE_EQ(series.grid.spacing_mm()[2], 10);
  EXPECT_FALSE(series.thickness_mm);
}

TEST(NiftiSeries, AFileThatIsNoneIsASeriesWithOneProblem) {
  const auto path = test::fresh_folder() / "letter.nii.gz";
  std::ofstream(path) << "Dear reader";
  const auto series = nifti_series(path);
  ASSERT_EQ(series.problems.size(), 1U);
  EXPECT_EQ(series.problems[0].code, "unreadable");
  EXPECT_TRUE(series.problems[0].is_fatal);
  EXPECT_EQ(series.problems[0].text.find(path.string()), std::string::npos);
}

}  // namespace dmcvr
