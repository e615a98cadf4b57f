// SPDX-License-Identifier: Apache-2.0
// Pictures of a dense heart as a derived MR series (MR Image Storage, PS3.3 A.4): a file per plane
// and phase. What the standard demands and nobody knows (dates, sex, echo time) is there and empty.
#pragma once

#include "dmcvr/geometry/grid.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/io/dicom_set.h"

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace dmcvr {

inline constexpr const char* kMrImageStorage = "1.2.840.10008.5.1.4.1.1.4";

// What all files of a series share.
struct DicomSeriesOut {
  DicomIdentity identity;  // of a person where `keeps_identity`, else made up
  bool keeps_identity = false;
  std::string uid;
  int64_t number = 1;
  std::string description;
};

// Stored are whole numbers from -32768 to 32767; the value is slope * stored + intercept.
struct DicomScale {
  double slope = 1;
  double intercept = 0;
};

// For values from low to high. Whole numbers come back exactly where they span no more than 65535:
// the slope is 1 then, or for narrow ranges a power of 1/2 that leaves values between them a
// thousandth of the range at most. Other values come back within half a slope, 1/131070 of the
// range; slope and intercept are numbers that the file can hold.
DicomScale dicom_scale(double low, double high, bool are_whole);

struct DicomPlaneOut {
  std::string uid;
  int64_t instance_number = 1;
  int64_t plane = 0;                 // of the grid
  int64_t phase = 0, phases = 1;     // from 0
  std::optional<double> trigger_ms;  // after the R wave
  std::string derivation;            // how the picture came to be, for a reader
  DicomScale scale;
  double window_low = 0, window_high = 0;  // what viewers show from black to white; not if equal
};

// values: [rows, columns] of the plane, float32, CPU.
std::string dicom_plane_bytes(const DicomSeriesOut& series, const Grid& grid,
                              const DicomPlaneOut& plane, const torch::Tensor& values);

// ---- shared with segmentations ----

// Patient, study, series, equipment and SOP common modules. modality: "MR".
DicomSet series_attributes(const DicomSeriesOut& series, const char* modality,
                           const char* sop_class, const std::string& sop_instance);
// Position of a plane's first pixel and directions of rows and columns, LPS.
std::vector<double> image_position(const Grid& grid, int64_t plane);
std::vector<double> image_orientation(const Grid& grid);
// Pixel spacing (between rows, between columns), and the planes' spacing, also as their thickness.
void put_pixel_measures(DicomSet& set, const Grid& grid);

}  // namespace dmcvr
