// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_set.h"

#include "dmcvr/core/sha256.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <gdcmDataSet.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmTrace.h>
#include <gdcmWriter.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <utility>

namespace dmcvr {
namespace {

constexpr size_t kLongestDecimal = 16;

template <typename Word>
std::string little_endian(const std::vector<Word>& words) {
  std::string bytes;
  for (const Word word : words) {
    for (size_t i = 0; i < sizeof(Word); ++i)
      bytes += static_cast<char>(static_cast<unsigned char>(word >> 8 * i & 0xffU));
  }
  return bytes;
}

gdcm::DataSet gdcm_set(const DicomSet& set) {
  gdcm::DataSet result;
  for (const DicomSet::Attribute& attribute : set.attributes()) {
    gdcm::DataElement element(gdcm::Tag(attribute.tag));
    element.SetVR(gdcm::VR::GetVRTypeFromFile(attribute.type.c_str()));
    if (attribute.type == "SQ") {
      gdcm::SmartPointer<gdcm::SequenceOfItems> sequence = new gdcm::SequenceOfItems();
      sequence->SetLengthToUndefined();
      for (const DicomSet& below : attribute.items) {
        gdcm::Item item;
        item.SetVLToUndefined();
        item.SetNestedDataSet(gdcm_set(below));
        sequence->AddItem(item);
      }
      element.SetValue(*sequence);
      element.SetVLToUndefined();
    } else {
      element.SetByteValue(attribute.bytes.data(), static_cast<uint32_t>(attribute.bytes.size()));
    }
    result.Insert(element);
  }
  return result;
}

}  // namespace

void DicomSet::put(Attribute attribute) {
  const auto place = std::lower_bound(attributes_.begin(), attributes_.end(), attribute.tag,
                                      [](const Attribute& a, uint32_t tag) { return a.tag < tag; });
  if (place != attributes_.end() && place->tag == attribute.tag) {
    *place = std::move(attribute);
  } else {
    attributes_.insert(place, std::move(attribute));
  }
}

void DicomSet::put_text(uint32_t tag, const char* type, std::string_view text) {
  std::string bytes(text);
  if (bytes.size() % 2 != 0) bytes += std::string_view(type) == "UI" ? '\0' : ' ';
  put({tag, type, bytes, {}});
}

void DicomSet::put_decimals(uint32_t tag, const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : "\\") + decimal_string(number);
  put_text(tag, "DS", text);
}

void DicomSet::put_whole(uint32_t tag, int64_t number) {
  put_text(tag, "IS", std::to_string(number));
}

void DicomSet::put_words(uint32_t tag, const std::vector<uint16_t>& words) {
  put({tag, "US", little_endian(words), {}});
}

void DicomSet::put_longs(uint32_t tag, const std::vector<uint32_t>& longs) {
  put({tag, "UL", little_endian(longs), {}});
}

void DicomSet::put_pointer(uint32_t tag, uint32_t pointed) {
  const auto group = static_cast<uint16_t>(pointed >> 16U);
  put({tag, "AT", little_endian<uint16_t>({group, static_cast<uint16_t>(pointed & 0xffffU)}), {}});
}

void DicomSet::put_bytes(uint32_t tag, const char* type, std::string bytes) {
  if (bytes.size() % 2 != 0) bytes += '\0';
  put({tag, type, std::move(bytes), {}});
}

void DicomSet::put_items(uint32_t tag, std::vector<DicomSet> items) {
  put({tag, "SQ", "", std::move(items)});
}

std::string dicom_file_bytes(const DicomSet& set) {
  gdcm::Trace::WarningOff();
  gdcm::Writer writer;
  writer.GetFile().SetDataSet(gdcm_set(set));
  writer.GetFile().GetHeader().SetDataSetTransferSyntax(
      gdcm::TransferSyntax::ExplicitVRLittleEndian);
  std::ostringstream stream;
  writer.SetStream(stream);
  TORCH_CHECK(writer.Write(), "a DICOM file that GDCM does not write");
  return stream.str();
}

std::string decimal_string(double number) {
  TORCH_CHECK(std::isfinite(number), "decimal_string: ", number);
  for (int digits = 17; digits > 0; --digits) {
    std::string text = fmt::format("{:.{}g}", number == 0 ? 0.0 : number, digits);
    if (text.size() <= kLongestDecimal) return text;
  }
  return "0";
}

std::string dicom_uid(std::string_view seed) {
  std::string hex = sha256_of(seed).substr(0, 32);
  hex[12] = '8';                                                        // version
  hex[16] = "89ab"[std::stoul(hex.substr(16, 1), nullptr, 16) & 0x3U];  // variant

  // 128 bits, as four words, in decimals: divided by ten until nothing is left.
  std::array<uint64_t, 4> words{};
  for (size_t i = 0; i < words.size(); ++i)
    words[i] = std::stoul(hex.substr(8 * i, 8), nullptr, 16);
  std::string decimals;
  while (std::any_of(words.begin(), words.end(), [](uint64_t word) { return word != 0; })) {
    uint64_t rest = 0;
    for (uint64_t& word : words) {
      const uint64_t value = rest << 32U | word;
      word = value / 10;
      rest = value % 10;
    }
    decimals += static_cast<char>('0' + rest);
  }
  std::reverse(decimals.begin(), decimals.end());
  return "2.25." + decimals;
}

}  // namespace dmcvr
