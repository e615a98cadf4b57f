// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_write.h"

#include "geometry/oblique.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

DicomSeriesOut a_series() {
  DicomSeriesOut series;
  series.identity = {"Anonymous", "case_0", "", "1.2.3", "1.2.3.9"};
  series.uid = "1.2.3.1";
  series.description = "dense";
  return series;
}

DicomPlaneOut a_plane() {
  DicomPlaneOut plane;
  plane.uid = "1.2.3.1.7";
  return plane;
}

struct Range {
  double low, high;
};

TEST(DicomScaleProperty, WholeNumbersComeBackExactly) {
  for (const Range range : {Range{0, 1000}, Range{-5, 4090}, Range{0, 65535}, Range{-40000, 20000},
                            Range{0, 3}, Range{-1, 0}, Range{30000, 30010}, Range{100000, 100001},
                            Range{7, 7}, Range{-32768, 32767}, Range{2000000, 2065535}}) {
    const DicomScale scale = dicom_scale(range.low, range.high, true);
    EXPECT_EQ(std::stod(decimal_string(scale.slope)), scale.slope);
    EXPECT_EQ(std::stod(decimal_string(scale.intercept)), scale.intercept);
    for (const double share : {0.0, 0.1, 0.25, 0.5, 0.999, 1.0}) {
      const double value = std::round(range.low + share * (range.high - range.low));
      const double stored = std::round((value - scale.intercept) / scale.slope);
      EXPECT_GE(stored, -32768);
      EXPECT_LE(stored, 32767);
      EXPECT_EQ(stored * scale.slope + scale.intercept, value) << range.low << ' ' << range.high;
    }
    // Values between them are not lost in narrow ranges.
    if (range.low == range.high) continue;
    EXPECT_LE(scale.slope, std::max(1e-3, (range.high - range.low) / 1000) + 1e-12);
  }
  EXPECT_EQ(dicom_scale(0, 4095, true).slope, 1);
  EXPECT_EQ(dicom_scale(0, 4095, true).intercept, 0);
}

TEST(DicomScaleProperty, OtherNumbersComeBackWithinHalfAStep) {
  for (const Range range :
       {Range{0.1, 0.2}, Range{-1e-4, 1e-4}, Range{-1e6, 3e6}, Range{0, 70000}, Range{0.5, 0.5}}) {
    const DicomScale scale = dicom_scale(range.low, range.high, range.high > 65535);
    const double width = range.high - range.low;
    for (double share = 0; share <= 1; share += 1.0 / 64) {
      const double value = range.low + share * width;
      const double stored =
          std::clamp(std::round((value - scale.intercept) / scale.slope), -32768.0, 32767.0);
      const double bound = width > 0 ? width / 131070 : 0.5;
      EXPECT_NEAR(stored * scale.slope + scale.intercept, value, bound * 1.0001)
          << range.low << ' ' << range.high;
    }
  }
}

// Our reader, which other tests compare with pydicom, finds what was written where it was written.
TEST(DicomWriteProperty, PlanesComeBackOnTheirGrid) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (const bool left_handed : {false, true}) {
      Grid grid = test::oblique_grid(seed, left_handed, {1.25, 1.5, 2.75});
      grid.size = {7, 5, 4};
      const auto values = at::arange(35, torch::kFloat32).view({5, 7}) - 10;
      DicomPlaneOut plane = a_plane();
      plane.instance_number = 12;
      plane.plane = 3;
      plane.phase = 1;
      plane.phases = 2;
      plane.trigger_ms = 312.5;
      plane.scale = dicom_scale(-10, 24, true);
      plane.window_high = 20;
      const auto bytes = dicom_plane_bytes(a_series(), grid, plane, values);
      EXPECT_TRUE(read_dicom_pixels(bytes)[0].equal(values));

      const auto header = read_dicom_header(bytes);
      ASSERT_TRUE(header);
      EXPECT_TRUE(header->is_derived);
      EXPECT_EQ(header->modality, "MR");
      EXPECT_EQ(header->instance_number, 12);
      EXPECT_EQ(header->series_uid, "1.2.3.1");
      const DicomFrame& frame = header->frames.at(0);
      EXPECT_EQ(frame.trigger_ms, 312.5);
      EXPECT_EQ(frame.temporal_position, 2);
      EXPECT_NEAR(*frame.thickness_mm, 2.75, 1e-12);
      EXPECT_NEAR(frame.spacing_mm[0], 1.25, 1e-12);
      EXPECT_NEAR(frame.spacing_mm[1], 1.5, 1e-12);
      const Point corner = grid.world_from_voxel({0, 0, 3});
      EXPECT_LT(length(minus(frame.position_mm, corner)), 1e-9);
      const Point columns = unit_vector(grid.world_from_voxel.column(0));
      const Point rows = unit_vector(grid.world_from_voxel.column(1));
      EXPECT_LT(length(minus(frame.along_columns, columns)), 1e-12);
      EXPECT_LT(length(minus(frame.along_rows, rows)), 1e-12);
    }
  }
}

TEST(DicomWrite, ValuesBeyondTheScaleAreClipped) {
  Grid grid;
  grid.size = {2, 1, 1};
  const auto values = torch::tensor({{-1e9F, 1e9F}});
  const auto read = read_dicom_pixels(dicom_plane_bytes(a_series(), grid, a_plane(), values));
  EXPECT_EQ(read[0][0][0].item<double>(), -32768);
  EXPECT_EQ(read[0][0][1].item<double>(), 32767);
}

TEST(DicomIdentity, ComesBackAsItWasWritten) {
  DicomSeriesOut series = a_series();
  series.keeps_identity = true;
  series.identity = {"M\xfcller^A", "4711", "ISO_IR 100", "1.2.5", "1.2.6"};
  Grid grid;
  const auto bytes = dicom_plane_bytes(series, grid, a_plane(), torch::zeros({1, 1}));
  const DicomIdentity read = read_dicom_identity(bytes);
  EXPECT_EQ(read.patient_name, series.identity.patient_name);
  EXPECT_EQ(read.patient_id, "4711");
  EXPECT_EQ(read.character_set, "ISO_IR 100");
  EXPECT_EQ(read.study_uid, "1.2.5");
  EXPECT_EQ(read.frame_of_reference, "1.2.6");
}

}  // namespace
}  // namespace dmcvr
