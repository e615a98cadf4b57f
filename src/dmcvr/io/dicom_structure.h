// SPDX-License-Identifier: Apache-2.0
// Whether the elements of a DICOM file lie inside each other and inside the file, as their lengths
// say. GDCM as packaged stops the whole program at a file that is cut off or says wrong lengths
// (failed assertions), so that no file reaches it that has not passed here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

struct DicomStructure {
  std::string transfer_syntax;              // "1.2.840.10008.1.2.1"
  std::vector<std::string_view> fragments;  // of coded pixels, without their table of offsets
};

// The result refers to the bytes. Throws Error, in one line without the name of the file, for bytes
// that are no DICOM file, an element or item that is longer than what holds it, an unknown kind of
// value, a value without a length that is neither a sequence nor coded pixels, pixels of another
// kind than OB, OW and UN, an end mark that claims bytes, a sequence in the first group, items
// nested more than 16 deep, more than a million elements, and the deflated transfer syntax.
DicomStructure read_dicom_structure(std::string_view bytes);

}  // namespace dmcvr
