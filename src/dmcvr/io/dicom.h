// SPDX-License-Identifier: Apache-2.0
// One DICOM file, single-frame or enhanced multi-frame: its elements are read by dicom_elements.h,
// coded pixels are decoded by GDCM.
// What names a person or a day stays in the file: nothing of it is taken over, unless it is asked
// for by read_dicom_identity.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

// Where and when one frame was taken.
struct DicomFrame {
  Point position_mm = {0, 0, 0};              // of the center of the first pixel, RAS
  Point along_columns = {1, 0, 0};            // unit step from column to column, RAS
  Point along_rows = {0, 1, 0};               // unit step from row to row
  std::array<double, 2> spacing_mm = {1, 1};  // between columns, between rows
  std::optional<double> thickness_mm;
  // Each orders the phases of a slice, the first that is known best.
  std::optional<double> trigger_ms;         // after the R wave
  std::optional<double> temporal_position;  // 1, 2, …
  std::optional<double> acquisition_s;      // since some midnight
};

struct DicomHeader {
  std::string study_uid, series_uid, frame_of_reference;  // for comparing, not for printing
  std::string description;     // of the series, else its protocol: free text in UTF-8
  std::string patient_digest;  // SHA-256: equal for files of one patient; tells no more
  std::string modality;        // "MR"
  int64_t series_number = 0;
  int64_t instance_number = 0;
  bool is_derived = false;  // computed from other pictures
  int64_t columns = 0, rows = 0;
  std::vector<DicomFrame> frames;
};

// Whom and which examination a file belongs to. Its texts may hold any bytes.
struct DicomIdentity {
  std::string patient_name, patient_id;
  std::string character_set;  // of the name; empty: ASCII
  std::string study_uid, frame_of_reference;
};

// Whether bytes begin as a DICOM file does: "DICM" after 128 bytes.
bool is_dicom(std::string_view bytes);

// Nothing for a DICOM file that holds no picture with a place in the patient (reports, directories,
// screenshots, segmentations). Throws Error, in one line without the name of the file, for a
// damaged one, for sizes that its bytes cannot bear out, and for positions, directions and spacings
// that are no finite numbers or not at right angles within 1e-3.
std::optional<DicomHeader> read_dicom_header(std::string_view bytes);

// All frames in the units of the scanner, [frames, rows, columns] float32: slope and intercept are
// applied, MONOCHROME1 is turned over within its range. Throws Error for colors, for what cannot be
// decoded, for sizes that the bytes cannot bear out, and for values that are not finite.
torch::Tensor read_dicom_pixels(std::string_view bytes);

// For outputs of which the user wants that they bear it. Throws Error for a damaged file.
DicomIdentity read_dicom_identity(std::string_view bytes);

}  // namespace dmcvr
