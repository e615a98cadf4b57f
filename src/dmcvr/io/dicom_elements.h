// SPDX-License-Identifier: Apache-2.0
// The elements of a DICOM file (PS3.5, 7). Read without a guess: what the lengths say holds, or the
// file is damaged. Parsers that mend what some scanners once wrote (GDCM takes a length of 13 for
// 10, and kinds for others) can be led astray by that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

constexpr uint32_t dicom_tag(uint16_t group, uint16_t element) {
  return uint32_t{group} << 16 | element;
}

// Functional groups and the sequences in them that are read (PS3.3, C.7.6.16).
constexpr uint32_t kSharedGroups = dicom_tag(0x5200, 0x9229),
                   kPerFrameGroups = dicom_tag(0x5200, 0x9230),
                   kPlanePosition = dicom_tag(0x0020, 0x9113),
                   kPlaneOrientation = dicom_tag(0x0020, 0x9116),
                   kPixelMeasures = dicom_tag(0x0028, 0x9110),
                   kPixelTransformation = dicom_tag(0x0028, 0x9145),
                   kCardiacSynchronization = dicom_tag(0x0018, 0x9118),
                   kFrameContent = dicom_tag(0x0020, 0x9111);

struct DicomElement;

// A file's or an item's, by tag; equal tags in the order of the file.
struct DicomElements {
  std::vector<DicomElement> all;
  bool is_big_endian = false;

  // The first with that tag; null where there is none.
  const DicomElement* find(uint32_t tag) const;
  // An item of a sequence; without elements where it is not there.
  const DicomElements& item(uint32_t tag, size_t index = 0) const;
};

struct DicomElement {
  uint32_t tag = 0;
  std::string_view kind;             // "DS"; empty where the file does not say
  std::string_view value;            // as it is stored; empty for sequences and coded pixels
  std::vector<DicomElements> items;  // of a sequence
};

enum class PixelCoding { none, rle, jpeg };  // jpeg: also JPEG-LS and JPEG 2000

struct DicomFile {
  std::string transfer_syntax;  // "1.2.840.10008.1.2.1"
  PixelCoding coding = PixelCoding::none;
  DicomElements elements;  // without the first group
  // Of coded pixels, without their table of offsets; not those of icons.
  std::vector<std::string_view> fragments;
};

// The result refers to the bytes. Of implicit files, and of values of unknown kind, those are
// sequences that have no length, and those of functional groups. Zeros behind the pixels are
// padding. Throws Error, in one line without
// the name of the file, for bytes that are no DICOM file, an element or item that is longer than
// what holds it, an unknown kind of value, a value without a length that is neither a sequence nor
// coded pixels, pixels of another kind than OB, OW and UN, without one, or twice, an end mark that
// claims bytes, a sequence in the first group, items nested more than 16 deep, more than a million
// elements, and a transfer syntax that is missing, named twice, or not one of implicit, explicit,
// big-endian, RLE and the JPEG family.
DicomFile read_dicom_elements(std::string_view bytes);

}  // namespace dmcvr
