// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom.h"

#include "io/dicom_writer.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

using test::dicom_bytes;
using test::DicomPage;

torch::Tensor ramp(int64_t rows, int64_t columns, int64_t low = 0) {
  return torch::arange(rows * columns, torch::kInt64).view({rows, columns}) + low;
}

// The message of the Error that reading header and pixels ends in; "" if there is none.
std::string damage(const std::string& bytes) {
  try {
    read_dicom_header(bytes);
    read_dicom_pixels(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Dicom, PlaceAndTimeAreThoseOfTheFile) {
  DicomPage page;
  page.directions = {0, 1, 0, 0, 0, -1};  // LPS: rows to the back, columns to the feet
  page.temporal_position = "3";
  page.acquisition = "010203.5";
  const auto header = read_dicom_header(dicom_bytes(page, ramp(6, 5)));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->rows, 6);
  EXPECT_EQ(header->columns, 5);
  EXPECT_EQ(header->series_uid, "1.2.3.1");
  EXPECT_EQ(header->modality, "MR");
  EXPECT_FALSE(header->is_derived);
  ASSERT_EQ(header->frames.size(), 1u);
  const auto& frame = header->frames[0];
  EXPECT_EQ(frame.position_mm, (Point{-10, -20, 30}));
  EXPECT_EQ(frame.along_columns, (Point{0, -1, 0}));
  EXPECT_EQ(frame.along_rows, (Point{0, 0, -1}));
  EXPECT_EQ(frame.spacing_mm, (std::array<double, 2>{1.5, 1.25}));
  EXPECT_EQ(frame.thickness_mm, 8);
  EXPECT_EQ(frame.trigger_ms, 40);
  EXPECT_EQ(frame.temporal_position, 3);
  EXPECT_DOUBLE_EQ(*frame.acquisition_s, 3723.5);
}

TEST(Dicom, EveryTransferSyntaxGivesTheSamePixels) {
  const auto stored = (ramp(33, 40) * 7).remainder(4096);
  for (const auto* syntax : {"explicit", "implicit", "rle", "jpeg", "jpegls", "jpeg2000"}) {
    const auto bytes = dicom_bytes({}, stored, syntax);
    ASSERT_TRUE(read_dicom_header(bytes)) << syntax;
    const auto pixels = read_dicom_pixels(bytes);
    EXPECT_EQ(pixels.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(pixels.equal(stored.unsqueeze(0).to(torch::kFloat32))) << syntax;
  }
}

TEST(Dicom, SignsSlopeAndTurnedContrast) {
  DicomPage page;
  page.is_signed = true;
  const auto stored = ramp(4, 4, -8);
  EXPECT_TRUE(read_dicom_pixels(dicom_bytes(page, stored))[0].equal(stored.to(torch::kFloat32)));
  page.slope = "0.5";
  page.intercept = "-3";
  EXPECT_TRUE(read_dicom_pixels(dicom_bytes(page, stored))[0].equal(stored * 0.5 - 3));

  DicomPage turned;
  turned.photometric = "MONOCHROME1";
  turned.bits_stored = 12;
  EXPECT_TRUE(read_dicom_pixels(dicom_bytes(turned, ramp(4, 4)))[0].equal(
      (4095 - ramp(4, 4)).to(torch::kFloat32)));
}

// Scanners have kept other things in the bits that do not count.
TEST(Dicom, OnlyTheBitsThatCountAreRead) {
  DicomPage page;
  page.bits_stored = 12;
  const auto stored = ramp(4, 4);
  EXPECT_TRUE(
      read_dicom_pixels(dicom_bytes(page, stored + 0x3000))[0].equal(stored.to(torch::kFloat32)));
  page.is_signed = true;
  EXPECT_TRUE(read_dicom_pixels(dicom_bytes(page, stored - 8 + 0x3000))[0].equal(
      (stored - 8).to(torch::kFloat32)));
}

TEST(Dicom, WithoutAPlaceItIsNoPictureForUs) {
  DicomPage page;
  page.has_place = false;
  EXPECT_FALSE(read_dicom_header(dicom_bytes(page, ramp(4, 4))));
}

TEST(Dicom, PatientsAreToldApartAndNotNamed) {
  DicomPage one, other;
  other.patient = "patient two";
  const auto a = read_dicom_header(dicom_bytes(one, ramp(4, 4)))->patient_digest;
  EXPECT_EQ(a, read_dicom_header(dicom_bytes(one, ramp(5, 4)))->patient_digest);
  EXPECT_NE(a, read_dicom_header(dicom_bytes(other, ramp(4, 4)))->patient_digest);
  EXPECT_EQ(a.find("patient"), std::string::npos);
}

TEST(Dicom, RefusesWhatCannotBe) {
  DicomPage skewed;
  skewed.directions = {1, 0, 0, 0.1, 1, 0};
  EXPECT_NE(damage(dicom_bytes(skewed, ramp(4, 4))).find("right angles"), std::string::npos);
  DicomPage flat;
  flat.spacing = {0, 1};
  EXPECT_NE(damage(dicom_bytes(flat, ramp(4, 4))).find("not positive"), std::string::npos);
  EXPECT_FALSE(is_dicom("no DICOM"));
  EXPECT_NE(damage("no DICOM"), "");
}

// Cut anywhere, a file is an error or, before the pixels, a header without them; never a crash.
TEST(DicomProperty, CutFilesAreErrors) {
  const auto bytes = dicom_bytes({}, ramp(16, 16), "rle");
  for (size_t size = 0; size + 1 < bytes.size(); size += 7)
    EXPECT_NE(damage(bytes.substr(0, size)), "") << size;
}

// A header that promises more pixels than the file has bytes takes no memory.
TEST(Dicom, SizesAreBorneOutByTheBytes) {
  std::string bytes = dicom_bytes({}, ramp(16, 16));
  const std::string rows("\x28\x00\x10\x00US\x02\x00", 8);
  const size_t at = bytes.find(rows);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 9] = 0x1f;  // 16 + 31 * 256 rows
  EXPECT_NE(damage(bytes), "");
}

}  // namespace
}  // namespace dmcvr
