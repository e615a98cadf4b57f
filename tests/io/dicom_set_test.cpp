// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_set.h"

#include "dmcvr/io/dicom.h"
#include "dmcvr/io/dicom_elements.h"

#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <sstream>

namespace dmcvr {
namespace {

TEST(DecimalStringProperty, KeepsElevenDigitsInSixteenCharacters) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-12, 12);
  for (int i = 0; i < 2000; ++i) {
    const double number = (i % 2 == 0 ? 1 : -1) * std::pow(10, exponent(random));
    const std::string text = decimal_string(number);
    EXPECT_LE(text.size(), 16U) << text;
    EXPECT_NEAR(std::stod(text), number, 1e-9 * std::abs(number)) << text;
    if (std::abs(number) > 1 && std::abs(number) < 1000) {
      EXPECT_NEAR(std::stod(text), number, 1e-11) << text;
    }
  }
}

TEST(DecimalString, WritesShortNumbersShort) {
  EXPECT_EQ(decimal_string(0), "0");
  EXPECT_EQ(decimal_string(-0.0), "0");
  EXPECT_EQ(decimal_string(-1.25), "-1.25");
  EXPECT_EQ(decimal_string(0.0009765625), "0.0009765625");
}

// A UUID of version 8: 2.25 and its 128 bits in decimals.
TEST(DicomUid, IsADecimalUuidOfItsSeed) {
  std::set<std::string> seen;
  for (int i = 0; i < 300; ++i) {
    const std::string uid = dicom_uid("seed " + std::to_string(i));
    ASSERT_EQ(uid.substr(0, 5), "2.25.");
    EXPECT_LE(uid.size(), 44U);  // 5 + 39 digits; a UID takes 64
    EXPECT_EQ(uid.find_first_not_of("0123456789", 5), std::string::npos);
    EXPECT_NE(uid[5], '0');
    EXPECT_EQ(uid, dicom_uid("seed " + std::to_string(i)));
    seen.insert(uid);

    // Back to hexadecimal digits, the last one first.
    std::string decimals = uid.substr(5), hex;
    while (!decimals.empty()) {
      std::string quotient;
      int rest = 0;
      for (const char digit : decimals) {
        const int value = 10 * rest + digit - '0';
        if (!quotient.empty() || value >= 16) quotient += static_cast<char>('0' + value / 16);
        rest = value % 16;
      }
      hex += "0123456789abcdef"[rest];
      decimals = quotient;
    }
    hex.resize(32, '0');
    EXPECT_EQ(hex[31 - 12], '8');
    EXPECT_NE(std::string("89ab").find(hex[31 - 16]), std::string::npos);
  }
  EXPECT_EQ(seen.size(), 300U);
}

DicomSet small_set() {
  DicomSet below, set;
  below.put_text(0x00081155, "UI", "1.2.3");
  below.put_longs(0x00209157, {1, 70000});
  set.put_text(0x00100010, "PN", "one");
  set.put_text(0x00080018, "UI", "1.2.3.4");
  set.put_text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4");
  set.put_text(0x00100010, "PN", "another");
  set.put_items(0x00081115, {below, below});
  set.put_pointer(0x00209165, 0x00209128);
  set.put_decimals(0x00280030, {1.25, 2});
  return set;
}

TEST(DicomSet, KeepsTheOrderOfTagsAndTheLastValue) {
  const DicomSet set = small_set();
  uint32_t before = 0;
  std::map<uint32_t, std::string> found;
  for (const auto& attribute : set.attributes()) {
    EXPECT_GT(attribute.tag, before);
    EXPECT_EQ(attribute.bytes.size() % 2, 0U);
    before = attribute.tag;
    found[attribute.tag] = attribute.bytes;
  }
  EXPECT_EQ(found[0x00100010], "another ");
  EXPECT_EQ(found[0x00209165], std::string("\x20\x00\x28\x91", 4));
  EXPECT_EQ(found[0x00280030], "1.25\\2");
}

TEST(DicomSet, BecomesAFileThatGdcmReads) {
  const std::string bytes = dicom_file_bytes(small_set());
  EXPECT_TRUE(is_dicom(bytes));
  EXPECT_NO_THROW(read_dicom_elements(bytes));
  EXPECT_EQ(bytes, dicom_file_bytes(small_set()));
  std::istringstream stream(bytes);
  gdcm::Reader reader;
  reader.SetStream(stream);
  ASSERT_TRUE(reader.Read());
  const auto& set = reader.GetFile().GetDataSet();
  const auto sequence = set.GetDataElement(gdcm::Tag(0x0008, 0x1115)).GetValueAsSQ();
  ASSERT_EQ(sequence->GetNumberOfItems(), 2U);
  const auto& below = sequence->GetItem(2).GetNestedDataSet();
  const auto* value = below.GetDataElement(gdcm::Tag(0x0020, 0x9157)).GetByteValue();
  ASSERT_EQ(value->GetLength(), 8U);
  EXPECT_EQ(std::string(value->GetPointer() + 4, 4), std::string("\x70\x11\x01\x00", 4));
}

}  // namespace
}  // namespace dmcvr
