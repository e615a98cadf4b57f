// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti_header.h"

#include "io/raw_nifti.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace dmcvr {
namespace {

std::string error_of_header(const test::RawNifti& raw) {
  try {
    parse_nifti_header(raw.bytes(), "case.nii");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(NiftiHeader, ReadsBothVersionsInBothByteOrders) {
  for (const int version : {1, 2}) {
    for (const bool swapped : {false, true}) {
      test::RawNifti raw;
      raw.version = version;
      raw.is_swapped = swapped;
      raw.dim = {4, 4, 3, 2, 5, 1, 1, 1};
      raw.slope = 2;
      raw.intercept = -3;
      raw.toffset = 4;
      raw.units = 18;
      raw.qform_code = 2;
      raw.quatern = {0.5, -0.25, 0.125};
      raw.qoffset = {-1, -2, -3};
      const NiftiHeader header = parse_nifti_header(raw.bytes(), "case.nii");
      EXPECT_EQ(header.version, version);
      EXPECT_EQ(header.is_swapped, swapped);
      EXPECT_EQ(header.dim, (std::array<int64_t, 8>{4, 4, 3, 2, 5, 1, 1, 1}));
      EXPECT_EQ(header.pixdim[3], 10);
      EXPECT_EQ(header.datatype, 16);
      EXPECT_EQ(header.vox_offset, version == 1 ? 352 : 544);
      EXPECT_EQ(header.scl_slope, 2);
      EXPECT_EQ(header.scl_inter, -3);
      EXPECT_EQ(header.toffset, 4);
      EXPECT_EQ(header.xyzt_units, 18);
      EXPECT_EQ(header.qform_code, 2);
      EXPECT_EQ(header.sform_code, 1);
      EXPECT_EQ(header.quatern, (std::array<double, 3>{0.5, -0.25, 0.125}));
      EXPECT_EQ(header.qoffset, (std::array<double, 3>{-1, -2, -3}));
      EXPECT_EQ(header.srow[1], (std::array<double, 4>{0, 1.5, 0, 8}));
    }
  }
}

TEST(NiftiHeader, ItsBytesAreTheHeader) {
  for (const int version : {1, 2}) {
    test::RawNifti raw;
    raw.version = version;
    const std::string bytes = raw.bytes();
    const NiftiHeader header = parse_nifti_header(bytes, "case.nii");
    EXPECT_EQ(to_bytes(header), bytes.substr(0, version == 1 ? 348 : 540));
  }
}

TEST(NiftiHeader, KeepsTextOfAnyLengthWithinItsField) {
  for (const size_t length : {0, 1, 79, 80, 200}) {
    NiftiHeader header;
    header.descrip = std::string(length, 'x');
    const std::string bytes = to_bytes(header);
    ASSERT_EQ(bytes.size(), 348U);
    EXPECT_EQ(parse_nifti_header(bytes, "case.nii").descrip,
              std::string(std::min<size_t>(length, 80), 'x'));
  }
}

TEST(NiftiHeader, ForgetsDimensionsThatAreNotInUse) {
  test::RawNifti raw;
  raw.dim = {2, 4, 3, 0, -7, 9, 0, 0};
  raw.pixdim = {1, 1.5, 1.5, -1, std::nan(""), 0, 0, 0};
  const NiftiHeader header = parse_nifti_header(raw.bytes(), "case.nii");
  EXPECT_EQ(header.voxel_count(), 12);
  EXPECT_EQ(header.pixdim[3], 0);
}

TEST(NiftiHeader, NamesWhatIsWrong) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  using Damage = std::function<void(test::RawNifti&)>;
  const std::vector<std::pair<std::string, Damage>> cases = {
      {"counts 0 dimensions", [](auto& raw) { raw.dim[0] = 0; }},
      {"counts 8 dimensions", [](auto& raw) { raw.dim[0] = 8; }},
      {"counts -1 dimensions", [](auto& raw) { raw.dim[0] = -1; }},
      {"dimension 2 a size of 0", [](auto& raw) { raw.dim[2] = 0; }},
      {"dimension 3 a size of -5", [](auto& raw) { raw.dim[3] = -5; }},
      {"dimension 5 has size 3", [](auto& raw) { raw.dim = {5, 4, 3, 2, 1, 3, 1, 1}; }},
      {"at most 2147483648 are read",
       [](auto& raw) { raw.dim = {4, 32767, 32767, 32767, 32767, 1, 1, 1}; }},
      {"axis 1 a spacing of 0", [](auto& raw) { raw.pixdim[1] = 0; }},
      {"axis 2 a spacing of -1.5", [](auto& raw) { raw.pixdim[2] = -1.5; }},
      {"axis 3 a spacing of nan", [=](auto& raw) { raw.pixdim[3] = nan; }},
      {"axis 3 a spacing of inf", [=](auto& raw) { raw.pixdim[3] = infinity; }},
      {"data type 128 is not read", [](auto& raw) { raw.datatype = 128; }},
      {"data type 0 is not read", [](auto& raw) { raw.datatype = 0; }},
      {"data type 16 16 bits, it has 32", [](auto& raw) { raw.bitpix = 16; }},
      {"voxels at byte 40", [](auto& raw) { raw.vox_offset = 40; }},
      {"voxels at byte -352", [](auto& raw) { raw.vox_offset = -352; }},
      {"pair", [](auto& raw) { raw.magic = raw.version == 1 ? "ni1" : "ni2"; }},
      {"has no NIfTI mark", [](auto& raw) { raw.magic = "n+3"; }}};
  for (const auto& [reason, damage] : cases) {
    for (const int version : {1, 2}) {
      test::RawNifti raw;
      raw.version = version;
      raw.is_swapped = version == 2;
      damage(raw);
      const std::string error = error_of_header(raw);
      EXPECT_NE(error.find(reason), std::string::npos)
          << reason << " in version " << version << ": " << error;
      EXPECT_EQ(error.rfind("case.nii: ", 0), 0U) << error;
    }
  }
}

TEST(NiftiHeader, RefusesOffsetsThatAreNoWholeFiniteNumbers) {
  for (const double offset : {std::nan(""), std::numeric_limits<double>::infinity(), 352.5, 1e30}) {
    test::RawNifti raw;
    raw.vox_offset = offset;
    EXPECT_NE(error_of_header(raw).find("voxels at byte"), std::string::npos) << offset;
  }
}

TEST(NiftiHeader, RefusesProductsThatOverflow) {
  test::RawNifti raw;
  raw.version = 2;
  raw.dim = {4, int64_t{1} << 62, 4, 1, 1, 1, 1, 1};
  EXPECT_NE(error_of_header(raw).find("at most"), std::string::npos);
  raw.dim = {4, int64_t{1} << 20, int64_t{1} << 20, int64_t{1} << 20, int64_t{1} << 20, 1, 1, 1};
  EXPECT_NE(error_of_header(raw).find("at most"), std::string::npos);
}

TEST(NiftiHeader, RefusesOtherKindsOfFiles) {
  const auto error_of_bytes = [](const std::string& bytes) {
    try {
      parse_nifti_header(bytes, "x");
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  std::string dicom(400, '\0');
  dicom.replace(128, 4, "DICM");
  EXPECT_NE(error_of_bytes(dicom).find("is a DICOM file"), std::string::npos);
  EXPECT_NE(error_of_bytes(std::string(400, 'x')).find("is not a NIfTI file"), std::string::npos);
  EXPECT_NE(error_of_bytes("short").find("5 bytes are too few"), std::string::npos);
  test::RawNifti raw;
  raw.version = 2;
  EXPECT_NE(error_of_bytes(raw.bytes().substr(0, 500)).find("500 bytes are too few"),
            std::string::npos);
}

}  // namespace dmcvr
