// SPDX-License-Identifier: Apache-2.0
// Whether the elements of a DICOM file lie inside each other and inside the file, as their lengths
// say. GDCM as packaged stops the whole program at a file that is cut off or says wrong lengths
// (failed assertions), so that no file reaches it that has not passed here.
#pragma once

#include <string_view>
#include <vector>

namespace dmcvr {

enum class PixelCoding { none, rle, jpeg };  // jpeg: also JPEG-LS and JPEG 2000

struct DicomStructure {
  PixelCoding coding = PixelCoding::none;
  std::vector<std::string_view> fragments;  // of coded pixels, without their table of offsets
};

// The result refers to the bytes. Throws Error, in one line without the name of the file, for bytes
// that are no DICOM file, an element or item that is longer than what holds it, an unknown kind of
// value, a value without a length that is neither a sequence nor coded pixels, pixels of another
// kind than OB, OW and UN, without one, or twice, an end mark that claims bytes, a sequence in the
// first group, items nested more than 16 deep, more than a million elements, and a transfer syntax
// that is missing, named twice, or not one of implicit, explicit, big-endian, RLE and the JPEG
// family.
DicomStructure read_dicom_structure(std::string_view bytes);

}  // namespace dmcvr
