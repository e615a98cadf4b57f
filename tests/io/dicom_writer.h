// SPDX-License-Identifier: Apache-2.0
// DICOM files for tests, written by GDCM.
#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <string>

namespace dmcvr::test {

struct DicomPage {
  std::array<double, 3> position = {10, 20, 30};          // LPS
  std::array<double, 6> directions = {1, 0, 0, 0, 1, 0};  // of rows, then columns
  std::array<double, 2> spacing = {1.25, 1.5};            // between rows, columns
  std::string thickness = "8", trigger = "40", acquisition, temporal_position;
  int64_t instance = 1, series = 1;
  std::string series_uid = "1.2.3.1", study_uid = "1.2.3", frame_of_reference = "1.2.3.9";
  std::string description = "cine SAX", patient = "patient one", modality = "MR";
  std::string image_type = "ORIGINAL\\PRIMARY";
  std::string photometric = "MONOCHROME2";
  std::string slope, intercept;
  uint16_t bits_stored = 16;
  bool is_signed = false;
  bool has_place = true;
};

// "explicit", "implicit", "rle", "jpeg" (lossless), "jpegls", "jpeg2000" (lossless). `stored` is
// [H, W] of whole numbers that fit.
std::string dicom_bytes(const DicomPage& page, const torch::Tensor& stored,
                        const std::string& transfer_syntax = "explicit");

}  // namespace dmcvr::test
