// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom.h"

#include "io/dicom_writer.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

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
  EXPECT_THROW(read_dicom_header(bytes), Error);
}

struct Plain {
  uint32_t tag = 0;
  std::string kind;
  std::string value;  // little-endian
  std::vector<std::vector<Plain>> items;
};

template <typename Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

struct Encoding {
  std::string name;  // of the transfer syntax
  bool is_explicit = true, is_big = false;
};
const Encoding kExplicitLittle{"1.2.840.10008.1.2.1"}, kImplicitLittle{"1.2.840.10008.1.2", false},
    kExplicitBig{"1.2.840.10008.1.2.2", true, true};

std::string in_order(std::string bytes, size_t unit, const Encoding& encoding) {
  for (size_t end = unit; encoding.is_big && end <= bytes.size(); end += unit)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(end - unit),
                 bytes.begin() + static_cast<std::ptrdiff_t>(end));
  return bytes;
}

std::string encoded_elements(const std::vector<Plain>& set, const Encoding& encoding) {
  const auto word = [&](auto number) {
    return in_order(bytes_of(number), sizeof(number), encoding);
  };
  const auto tag = [&](uint32_t value) {
    return word(static_cast<uint16_t>(value >> 16)) + word(static_cast<uint16_t>(value));
  };
  std::string bytes;
  for (const Plain& one : set) {
    const size_t unit = one.kind == "US" || one.kind == "OW" ? 2
                        : one.kind == "UL"                   ? 4
                        : one.kind == "FD"                   ? 8
                                                             : 1;
    std::string value = in_order(one.value, unit, encoding);
    for (const auto& item : one.items) {
      const std::string content = encoded_elements(item, encoding);
      value += tag(0xfffee000) + word(static_cast<uint32_t>(content.size())) + content;
    }
    bytes += tag(one.tag);
    const bool is_long = one.kind == "SQ" || one.kind == "OW";
    if (encoding.is_explicit) bytes += one.kind + (is_long ? std::string(2, '\0') : "");
    bytes += !encoding.is_explicit || is_long ? word(static_cast<uint32_t>(value.size()))
                                              : word(static_cast<uint16_t>(value.size()));
    bytes += value;
  }
  return bytes;
}

std::string encoded_file(const std::vector<Plain>& set, const Encoding& encoding) {
  std::string name = encoding.name;
  name.resize(name.size() + name.size() % 2, '\0');
  return std::string(128, '\0') + "DICM" +
         encoded_elements({{0x00020010, "UI", name, {}}}, kExplicitLittle) +
         encoded_elements(set, encoding);
}

std::vector<Plain> plain_picture(uint16_t rows, uint16_t columns, uint16_t bits,
                                 const std::string& words) {
  return {{0x00280002, "US", bytes_of<uint16_t>(1), {}},
          {0x00280010, "US", bytes_of(rows), {}},
          {0x00280011, "US", bytes_of(columns), {}},
          {0x00280100, "US", bytes_of(bits), {}},
          {0x00280101, "US", bytes_of(bits), {}},
          {0x00280102, "US", bytes_of(static_cast<uint16_t>(bits - 1)), {}},
          {0x00280103, "US", bytes_of<uint16_t>(0), {}},
          {0x7fe00010, "OW", words, {}}};
}

TEST(Dicom, MultiFrameFilesSayTheSameInEveryOrderOfBytes) {
  std::vector<Plain> set = plain_picture(2, 2, 16, "");
  for (uint16_t i = 0; i < 8; ++i) set.back().value += bytes_of<uint16_t>(i * 1000);
  const auto frame = [](double trigger_ms, uint32_t phase, const std::string& position) {
    return std::vector<Plain>{
        {0x00189118, "SQ", "", {{{0x00209153, "FD", bytes_of(trigger_ms), {}}}}},
        {0x00209111, "SQ", "", {{{0x00209128, "UL", bytes_of(phase), {}}}}},
        {0x00209113, "SQ", "", {{{0x00200032, "DS", position, {}}}}}};
  };
  const std::vector<Plain> shared = {
      {0x00209116, "SQ", "", {{{0x00200037, "DS", "1\\0\\0\\0\\1\\0 ", {}}}}},
      {0x00289110, "SQ", "", {{{0x00280030, "DS", "1.5\\2 ", {}}}}},
      {0x00289145, "SQ", "", {{{0x00281052, "DS", "-1", {}}, {0x00281053, "DS", "2 ", {}}}}}};
  set.insert(set.begin(), {0x00280008, "IS", "2 ", {}});
  set.push_back({0x52009229, "SQ", "", {shared}});
  set.push_back({0x52009230, "SQ", "", {frame(12.5, 1, "1\\2\\3 "), frame(50, 2, "1\\2\\11")}});

  for (const Encoding& encoding : {kExplicitLittle, kImplicitLittle, kExplicitBig}) {
    const std::string bytes = encoded_file(set, encoding);
    const auto header = read_dicom_header(bytes);
    ASSERT_TRUE(header) << encoding.name;
    ASSERT_EQ(header->frames.size(), 2);
    EXPECT_EQ(header->frames[0].position_mm, (Point{-1, -2, 3}));
    EXPECT_EQ(header->frames[1].position_mm, (Point{-1, -2, 11}));
    EXPECT_EQ(header->frames[1].spacing_mm, (std::array<double, 2>{2, 1.5}));
    EXPECT_EQ(header->frames[0].trigger_ms, 12.5);
    EXPECT_EQ(header->frames[1].temporal_position, 2);
    const auto pixels = read_dicom_pixels(bytes);
    EXPECT_TRUE(pixels.flatten().equal(torch::arange(8, torch::kFloat32) * 2000 - 1))
        << encoding.name;
    // Cut anywhere, they are errors, or lack what was cut off.
    for (size_t size = 0; size < bytes.size(); ++size) {
      const std::vector<char> exact(bytes.begin(),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW(read_dicom_pixels({exact.data(), exact.size()}), Error) << size;
    }
  }
}

// Three bytes and one of padding, of which words of 16 bits swap pairs.
TEST(Dicom, BytesInWords) {
  std::vector<Plain> set = plain_picture(1, 3, 8, std::string("\x01\x02\x03\x00", 4));
  set.push_back({0x00200032, "DS", "1\\2\\3 ", {}});
  set.push_back({0x00200037, "DS", "1\\0\\0\\0\\1\\0 ", {}});
  set.push_back({0x00280030, "DS", "1.5\\2 ", {}});
  for (const Encoding& encoding : {kExplicitLittle, kImplicitLittle, kExplicitBig}) {
    EXPECT_TRUE(read_dicom_pixels(encoded_file(set, encoding))
                    .flatten()
                    .equal(torch::arange(1, 4, torch::kFloat32)))
        << encoding.name;
  }
}

// Values have the length that they state; of 13 bytes, too.
TEST(Dicom, NumbersThatAreNoneAndOddLengths) {
  std::vector<Plain> set = plain_picture(1, 2, 16, bytes_of<uint32_t>(0));
  set.push_back({0x00200032, "DS", "1\\2\\3 ", {}});
  set.push_back({0x00200037, "DS", "1\\0\\0\\0\\1\\0 ", {}});
  set.push_back({0x00280030, "DS", "1.5\\2 ", {}});
  set.push_back({0x0008103e, "LO", "thirteen long", {}});
  set.push_back({0x00200011, "IS", "1e300 ", {}});
  set.push_back({0x00200013, "IS", "nan ", {}});
  set.push_back({0x00080032, "TM", "..9000", {}});
  for (const Encoding& encoding : {kExplicitLittle, kImplicitLittle}) {
    const auto header = read_dicom_header(encoded_file(set, encoding));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->description, "thirteen long");
    EXPECT_EQ(header->series_number, 0);
    EXPECT_EQ(header->instance_number, 0);
    EXPECT_FALSE(header->frames[0].acquisition_s);
  }
}

std::vector<Plain> placed_picture(std::vector<Plain> others = {}) {
  auto set = plain_picture(2, 2, 16, std::string(8, '\1'));
  for (const auto& [tag, value] : std::vector<std::pair<uint32_t, std::string>>{
           {0x00200032, "0\\0\\0 "}, {0x00200037, "1\\0\\0\\0\\1\\0 "}, {0x00280030, "1\\1 "}})
    others.push_back({tag, "DS", value, {}});
  others.insert(others.end(), set.begin(), set.end());
  return others;
}

// Elements are found wherever they lie: some programs write them out of order.
TEST(Dicom, OrderOfElementsDoesNotMatter) {
  auto set = placed_picture({{0x00200013, "IS", "7 ", {}}});
  const auto pixels = read_dicom_pixels(encoded_file(set, kExplicitLittle));
  std::reverse(set.begin(), set.end());
  const auto bytes = encoded_file(set, kExplicitLittle);
  EXPECT_EQ(read_dicom_header(bytes)->instance_number, 7);
  EXPECT_TRUE(read_dicom_pixels(bytes).equal(pixels));
}

// Tapes and block devices fill their last block.
TEST(Dicom, ZerosBehindThePixelsArePadding) {
  for (const Encoding& encoding : {kExplicitLittle, kImplicitLittle, kExplicitBig}) {
    const auto bytes = encoded_file(placed_picture(), encoding);
    ASSERT_EQ(damage(bytes), "") << encoding.name;
    for (const size_t zeros : {1, 2, 8, 128, 513})
      EXPECT_EQ(damage(bytes + std::string(zeros, '\0')), "") << encoding.name << ' ' << zeros;
    EXPECT_NE(damage(bytes + std::string(8, '\0') + "x"), "");
  }
}

TEST(Dicom, NoFramesAreOne) {
  const auto bytes = encoded_file(placed_picture({{0x00280008, "IS", "0 ", {}}}), kExplicitLittle);
  EXPECT_EQ(read_dicom_header(bytes)->frames.size(), 1U);
}

// A screenshot may have colors; it is no picture for us, and not a damaged one either.
TEST(Dicom, ScreenshotsInColorsArePassedOver) {
  auto set = plain_picture(2, 2, 8, std::string(12, '\1'));
  set[0].value = bytes_of<uint16_t>(3);
  EXPECT_FALSE(read_dicom_header(encoded_file(set, kExplicitLittle)));
}

TEST(Dicom, DescriptionsAreUtf8) {
  const auto described = [](const std::string& set, const std::string& text) {
    return read_dicom_header(encoded_file(placed_picture({{0x00080005, "CS", set, {}},
                                                          {0x0008103e, "LO", text, {}}}),
                                          kExplicitLittle))
        ->description;
  };
  EXPECT_EQ(described("ISO_IR 100",
                      "h\xfc"
                      "ft "),
            "h\xc3\xbc"
            "ft");
  EXPECT_EQ(described("ISO_IR 192",
                      "h\xc3\xbc"
                      "ft "),
            "h\xc3\xbc"
            "ft");
  EXPECT_EQ(described("ISO_IR 144",
                      "h\xfc"
                      "ft "),
            "h?ft");
  EXPECT_EQ(described("", "short axis"), "short axis");
}

}  // namespace
}  // namespace dmcvr
