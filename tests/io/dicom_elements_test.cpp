// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_elements.h"

#include "io/dicom_writer.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dmcvr {
namespace {

std::string element(const std::string& head, const std::string& value) {
  return head + std::string(1, static_cast<char>(value.size())) + '\0' + value;
}

std::string transfer_syntax(const std::string& name) {
  return element(std::string("\x02\x00\x10\x00UI", 6), name + std::string(name.size() % 2, '\0'));
}

const std::string kExplicit = transfer_syntax("1.2.840.10008.1.2.1");

// A file with these elements, of which the first group has one unless told otherwise: that they are
// explicit and little-endian.
std::string file_of(const std::string& elements, const std::string& first_group = kExplicit) {
  return std::string(128, '\0') + "DICM" + first_group + elements;
}

const std::string kText = element(std::string("\x08\x00\x60\x00"
                                              "CS",
                                              6),
                                  "MR");
const std::string kSequence(
    "\x08\x00\x40\x11"
    "SQ\x00\x00",
    8);
const std::string kUnknown(
    "\x09\x00\x40\x11"
    "UN\x00\x00",
    8);
const std::string kItemOpen("\xfe\xff\x00\xe0\xff\xff\xff\xff", 8);
const std::string kItemClose("\xfe\xff\x0d\xe0\x00\x00\x00\x00", 8);
const std::string kSequenceClose("\xfe\xff\xdd\xe0\x00\x00\x00\x00", 8);
const std::string kNoLength("\xff\xff\xff\xff", 4);

// Behind the bytes there is nothing, not even the zero of a string: sanitizers see what is read
// there.
bool is_sound(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  try {
    read_dicom_elements({exact.data(), exact.size()});
  } catch (const Error&) {
    return false;
  }
  return true;
}

TEST(DicomElements, SequencesWithAndWithoutLengths) {
  EXPECT_TRUE(is_sound(file_of(kText)));
  const auto open = kItemOpen + kText + kItemClose;
  EXPECT_TRUE(is_sound(file_of(kSequence + kNoLength + open + open + kSequenceClose + kText)));
  const std::string closed = std::string("\xfe\xff\x00\xe0\x0a\x00\x00\x00", 8) + kText;
  EXPECT_TRUE(is_sound(file_of(kSequence + std::string("\x12\x00\x00\x00", 4) + closed + kText)));
  // Of a value of unknown kind the items have no kinds.
  const std::string implicit("\x08\x00\x60\x00\x02\x00\x00\x00MR", 10);
  EXPECT_TRUE(is_sound(
      file_of(kUnknown + kNoLength + kItemOpen + implicit + kItemClose + kSequenceClose + kText)));

  EXPECT_FALSE(is_sound(file_of(kSequence + kNoLength + open)));                    // no end
  EXPECT_FALSE(is_sound(file_of(kSequence + kNoLength + kText + kSequenceClose)));  // no item
  EXPECT_FALSE(is_sound(file_of(kSequence + std::string("\x13\x00\x00\x00", 4) + closed)));
  EXPECT_FALSE(is_sound(file_of(kItemOpen)));
  // A mark that is none.
  EXPECT_FALSE(is_sound(file_of(kText + std::string("\xfe\xff\x00\x00\x00\x00\x00\x00", 8))));
  const std::string long_close(
      "\xfe\xff\xdd\xe0\x02\x00\x00\x00"
      "ab",
      10);
  EXPECT_FALSE(is_sound(file_of(kSequence + kNoLength + open + long_close + kText)));
  std::string deep = kText;
  for (int i = 0; i < 20; ++i)
    deep = kSequence + kNoLength + kItemOpen + deep + kItemClose + kSequenceClose;
  EXPECT_FALSE(is_sound(file_of(deep)));
}

TEST(DicomElements, RealFilesPassAndNoCutOfThemDoes) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  for (const auto* syntax : {"explicit", "implicit", "rle", "jpeg2000"}) {
    const auto bytes = test::dicom_bytes({}, stored, syntax);
    EXPECT_TRUE(is_sound(bytes)) << syntax;
    // Cut between two elements, what is left is sound; inside one it is not.
    EXPECT_FALSE(is_sound(bytes.substr(0, bytes.size() - 1))) << syntax;
    for (size_t size = 0; size < 140; ++size) EXPECT_FALSE(is_sound(bytes.substr(0, size)));
    // Sound or not: no cut makes the walk leave the bytes.
    for (size_t size = 140; size < bytes.size(); ++size) is_sound(bytes.substr(0, size));
  }
  EXPECT_FALSE(is_sound(file_of("\x08")));
}

TEST(DicomElements, UnknownKindsAreErrors) {
  EXPECT_FALSE(is_sound(file_of(element(std::string("\x08\x00\x60\x00"
                                                    "XX",
                                                    6),
                                        "MR"))));
  EXPECT_FALSE(is_sound(file_of(element(std::string("\x08\x00\x60\x00"
                                                    "S ",
                                                    6),
                                        "MR"))));
  EXPECT_FALSE(is_sound("text"));
  // Only sequences, values of unknown kind and coded pixels may have no length.
  const std::string text(
      "\x08\x00\x40\x11"
      "UT\x00\x00",
      8);
  EXPECT_FALSE(is_sound(
      file_of(text + kNoLength + kItemOpen + kText + kItemClose + kSequenceClose + kText)));
  const std::string in_first_group(
      "\x02\x00\x01\x00"
      "SQ\x00\x00\x00\x00\x00\x00",
      12);
  EXPECT_FALSE(is_sound(file_of(in_first_group + kText)));
  const std::string pixels("\xe0\x7f\x10\x00", 4);
  const std::string empty_long(6, '\0');  // two reserved bytes and a length of 0
  EXPECT_TRUE(is_sound(file_of(kText + pixels + "OW" + empty_long)));
  EXPECT_FALSE(is_sound(file_of(kText + pixels + "OF" + empty_long)));
  EXPECT_FALSE(is_sound(file_of(kText + pixels + "SQ" + empty_long)));
  // Coded pixels have a kind.
  const std::string coded = kNoLength + std::string("\xfe\xff\x00\xe0\x00\x00\x00\x00", 8) +
                            kSequenceClose;  // an empty table of offsets
  EXPECT_TRUE(is_sound(file_of(kText + pixels + "OB" + std::string(2, '\0') + coded)));
  EXPECT_FALSE(is_sound(file_of(pixels + coded, transfer_syntax("1.2.840.10008.1.2"))));
  EXPECT_FALSE(is_sound(file_of(kText + pixels + "OW" + empty_long + pixels + "OW" + empty_long)));
}

TEST(DicomElements, ReadsNoOtherTransferSyntax) {
  const auto coding_of = [](const std::string& name) {
    return read_dicom_elements(file_of(kText, transfer_syntax(name))).coding;
  };
  EXPECT_EQ(coding_of("1.2.840.10008.1.2.1"), PixelCoding::none);
  EXPECT_EQ(coding_of("1.2.840.10008.1.2.5"), PixelCoding::rle);
  EXPECT_EQ(coding_of("1.2.840.10008.1.2.4.80"), PixelCoding::jpeg);
  EXPECT_EQ(coding_of("1.2.840.10008.1.2.4.90 "), PixelCoding::jpeg);
  // Deflated; implicit with pixels of the other order of bytes; no such thing; no number; nothing.
  for (const auto* name : {"1.2.840.10008.1.2.1.99", "1.2.840.113619.5.2", "1.2.840.10008.1.2.6",
                           "1.2.840.10008.1.2.1 x", "", "  "}) {
    EXPECT_FALSE(is_sound(file_of(kText, transfer_syntax(name)))) << name;
  }
  EXPECT_FALSE(is_sound(file_of(kText, "")));
  // Which of two is meant, nobody knows.
  const std::string implicit = transfer_syntax("1.2.840.10008.1.2");
  EXPECT_FALSE(is_sound(file_of(kText, kExplicit + implicit)));
  EXPECT_FALSE(is_sound(file_of(kText, kExplicit + kExplicit)));
}

}  // namespace
}  // namespace dmcvr
