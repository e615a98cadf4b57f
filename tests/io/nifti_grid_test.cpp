// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti_grid.h"

#include "geometry/oblique.h"
#include "io/raw_nifti.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/orientation.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cmath>

namespace dmcvr {
namespace {

Grid grid_of(const test::RawNifti& raw) {
  return nifti_grid(parse_nifti_header(raw.bytes(), "case.nii"), "case.nii");
}

Grid rounded_to_float(Grid grid) {
  for (int row = 0; row < 3; ++row) {
    for (double& part : grid.world_from_voxel.matrix[row]) part = static_cast<float>(part);
    grid.world_from_voxel.offset[row] = static_cast<float>(grid.world_from_voxel.offset[row]);
  }
  return grid;
}

// ACDC: spacing in pixdim, a sform of ones and no qform.
test::RawNifti acdc_header() {
  test::RawNifti raw;
  raw.pixdim = {1, 1.5625, 1.5625, 10, 1, 1, 1, 1};
  raw.sform_code = 2;
  raw.units = 0;
  raw.srow = {-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0};
  return raw;
}

}  // namespace

TEST(NiftiGrid, TakesTheSformThatMatchesTheSpacing) {
  const Grid grid = grid_of({});
  EXPECT_EQ(grid.size, (std::array<int64_t, 3>{4, 3, 2}));
  EXPECT_EQ(grid.world_from_voxel({1, 1, 1}), (Point{8.5, 9.5, 19}));
}

TEST(NiftiGrid, KeepsTheSformWithinOnePercent) {
  test::RawNifti raw;
  raw.pixdim[3] = 10.09;
  raw.qform_code = 1;
  EXPECT_DOUBLE_EQ(grid_of(raw).spacing_mm()[2], 10);
  raw.pixdim[3] = 10.2;
  EXPECT_NEAR(grid_of(raw).spacing_mm()[2], 10.2, 1e-6);
}

TEST(NiftiGrid, TakesTheQformWhenTheSformContradictsTheSpacing) {
  test::RawNifti raw = acdc_header();
  raw.qform_code = 1;
  raw.quatern = {0, 0, 1};  // half a turn about z: LPS
  raw.qoffset = {100, 120, -30};
  const Grid grid = grid_of(raw);
  EXPECT_EQ(orientation_code(grid.world_from_voxel), "LPS");
  EXPECT_DOUBLE_EQ(grid.spacing_mm()[0], 1.5625);
  EXPECT_EQ(grid.world_from_voxel.offset, (Point{100, 120, -30}));
}

TEST(NiftiGrid, GivesUnitSformsTheSpacing) {
  const Grid grid = grid_of(acdc_header());
  EXPECT_EQ(orientation_code(grid.world_from_voxel), "LPS");
  EXPECT_EQ(grid.spacing_mm(), (std::array<double, 3>{1.5625, 1.5625, 10}));
}

TEST(NiftiGrid, AssumesPlainAxesWithoutAnyForm) {
  test::RawNifti raw;
  raw.sform_code = 0;
  const Grid grid = grid_of(raw);
  EXPECT_EQ(orientation_code(grid.world_from_voxel), "RAS");
  EXPECT_EQ(grid.spacing_mm(), (std::array<double, 3>{1.5, 1.5, 10}));
}

TEST(NiftiGrid, SaysHabitsOfDataSetsOnce) {
  test::RawNifti nothing;
  nothing.sform_code = 0;
  test::RawNifti passed_over = acdc_header();
  passed_over.qform_code = 1;
  const std::string text = test::log_of([&] {
    for (int i = 0; i < 3; ++i) {
      grid_of(acdc_header());
      grid_of(nothing);
      grid_of(passed_over);
    }
  });
  // Other tests of this program may have had each of them said before.
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 3) << text;
}

TEST(NiftiGrid, KnowsItsUnits) {
  for (const auto& [units, scale] :
       std::vector<std::pair<int, double>>{{0, 1}, {1, 1000}, {2, 1}, {3, 0.001}}) {
    test::RawNifti raw;
    raw.units = units + 8;
    const Grid grid = grid_of(raw);
    EXPECT_DOUBLE_EQ(grid.spacing_mm()[2], 10 * scale);
    EXPECT_DOUBLE_EQ(grid.world_from_voxel.offset[0], 7 * scale);
  }
  test::RawNifti raw;
  raw.units = 5;
  EXPECT_THROW(grid_of(raw), Error);
}

TEST(NiftiGrid, GivesAnAxisOfOneVoxelAnySpacing) {
  test::RawNifti raw;
  raw.dim = {3, 4, 3, 1, 1, 1, 1, 1};
  raw.pixdim[3] = 0;
  EXPECT_DOUBLE_EQ(grid_of(raw).spacing_mm()[2], 10);  // from the sform
  raw.sform_code = 0;
  EXPECT_DOUBLE_EQ(grid_of(raw).spacing_mm()[2], 1);
}

TEST(NiftiGrid, RefusesShearAndWhatIsNotFinite) {
  test::RawNifti sheared;
  sheared.srow[1] = 0.3;
  sheared.pixdim[2] = std::hypot(0.3, 1.5);
  EXPECT_THROW(grid_of(sheared), Error);

  test::RawNifti flat = acdc_header();
  flat.srow = std::vector<double>(12, 0);
  EXPECT_THROW(grid_of(flat), Error);

  test::RawNifti nowhere;
  nowhere.srow[7] = std::nan("");
  EXPECT_THROW(grid_of(nowhere), Error);

  for (const double part : {1.1, std::nan("")}) {
    test::RawNifti raw;
    raw.sform_code = 0;
    raw.qform_code = 1;
    raw.quatern = {part, 0, 0};
    EXPECT_THROW(grid_of(raw), Error) << part;
  }
}

TEST(NiftiGridProperty, SetGridThenReadIsTheIdentity) {
  double largest_from_qform = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Grid grid = test::oblique_grid(seed, seed % 2 == 1);
    NiftiHeader header;
    set_grid(header, grid);
    const auto read = parse_nifti_header(to_bytes(header), "case.nii");
    EXPECT_EQ(nifti_grid(read, "case.nii").world_from_voxel.matrix,
              rounded_to_float(grid).world_from_voxel.matrix);
    EXPECT_EQ(nifti_grid(read, "case.nii").world_from_voxel.offset,
              rounded_to_float(grid).world_from_voxel.offset);

    // The qform alone says the same. Near half a turn its float32 parts leave up to 5e-4 rad.
    header.sform_code = 0;
    const Grid from_qform = nifti_grid(header, "case.nii");
    EXPECT_TRUE(same_grid(from_qform, rounded_to_float(grid), 1e-5)) << seed;
    const auto stored = nifti_grid(parse_nifti_header(to_bytes(header), "case.nii"), "case.nii");
    for (int axis = 0; axis < 3; ++axis) {
      const Point a = stored.world_from_voxel.column(axis), b = grid.world_from_voxel.column(axis);
      largest_from_qform =
          std::max(largest_from_qform, length({a[0] - b[0], a[1] - b[1], a[2] - b[2]}) / length(b));
    }
  }
  EXPECT_LT(largest_from_qform, 5e-4);
}

TEST(SformQformDistance, IsThatOfTheCornerFarthestApart) {
  Grid grid{{5, 6, 7}, {}};
  grid.world_from_voxel.matrix = {{{-2, 0, 0}, {0, -2, 0}, {0, 0, 10}}};
  NiftiHeader header;
  set_grid(header, grid);
  EXPECT_EQ(grid_source(header), GridSource::sform);
  EXPECT_NEAR(sform_qform_distance_mm(header, "case.nii"), 0, 1e-5);  // float32 rounding
  header.qoffset[1] += 3;
  EXPECT_NEAR(sform_qform_distance_mm(header, "case.nii"), 3, 1e-5);
  header.qoffset[1] -= 3;
  header.pixdim[0] = -header.pixdim[0];  // slices run the other way: six steps of 10 mm, twice
  EXPECT_NEAR(sform_qform_distance_mm(header, "case.nii"), 120, 1e-4);
  header.qform_code = 0;
  EXPECT_EQ(sform_qform_distance_mm(header, "case.nii"), 0);
  header.pixdim[3] = 5;
  EXPECT_EQ(grid_source(header), GridSource::sform_directions);
  header.qform_code = 1;
  EXPECT_EQ(grid_source(header), GridSource::qform);
  header.sform_code = header.qform_code = 0;
  EXPECT_EQ(grid_source(header), GridSource::spacing);
}

TEST(NiftiGridProperty, QuaternionsOfHalfTurnsAreExact) {
  for (const auto& signs : std::vector<std::array<double, 3>>{{1, 1, 1},
                                                              {-1, -1, 1},
                                                              {-1, 1, -1},
                                                              {1, -1, -1},
                                                              {-1, -1, -1},
                                                              {1, 1, -1},
                                                              {-1, 1, 1},
                                                              {1, -1, 1}}) {
    Grid grid;
    for (int axis = 0; axis < 3; ++axis) grid.world_from_voxel.matrix[axis][axis] = 2 * signs[axis];
    NiftiHeader header;
    set_grid(header, grid);
    header.sform_code = 0;
    EXPECT_TRUE(
        same_grid(nifti_grid(header, "case.nii"), {{1, 1, 1}, grid.world_from_voxel}, 1e-12));
    EXPECT_EQ(nifti_grid(header, "case.nii").world_from_voxel.matrix, grid.world_from_voxel.matrix);
  }
}

}  // namespace dmcvr
