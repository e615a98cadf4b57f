// SPDX-License-Identifier: Apache-2.0
// What a DICOM file is made of, attributes and sequences of them, and the file that GDCM writes of
// it. Names of attributes and their types: DICOM PS3.6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

// A set of attributes by tag, 0x00100010 for (0010,0010). A value that is put again replaces the
// earlier one.
class DicomSet {
 public:
  // `type` is the value representation, "PN"; several values are separated by a backslash.
  void put_text(uint32_t tag, const char* type, std::string_view text);
  void put_decimals(uint32_t tag, const std::vector<double>& numbers);  // DS
  void put_whole(uint32_t tag, int64_t number);                         // IS
  void put_words(uint32_t tag, const std::vector<uint16_t>& words);     // US
  void put_longs(uint32_t tag, const std::vector<uint32_t>& longs);     // UL
  void put_pointer(uint32_t tag, uint32_t pointed);                     // AT, to another attribute
  void put_bytes(uint32_t tag, const char* type, std::string bytes);    // OB, OW (little-endian)
  void put_items(uint32_t tag, std::vector<DicomSet> items);            // SQ

  struct Attribute {
    uint32_t tag = 0;
    std::string type;
    std::string bytes;            // of even length
    std::vector<DicomSet> items;  // of a sequence
  };
  const std::vector<Attribute>& attributes() const { return attributes_; }  // in the order of tags

 private:
  void put(Attribute attribute);

  std::vector<Attribute> attributes_;
};

// A file in Explicit VR Little Endian. `set` names its SOP class and instance. The same set gives
// the same bytes.
std::string dicom_file_bytes(const DicomSet& set);

// A number as text of at most 16 characters, with as many digits as that leaves.
std::string decimal_string(double number);

// "2.25.…": the same identifier for the same seed, another one for any other, and nothing to be
// read from it (PS3.5 B.2; a UUID of version 8, RFC 9562, made of SHA-256).
std::string dicom_uid(std::string_view seed);

}  // namespace dmcvr
