// SPDX-License-Identifier: Apache-2.0
// Pictures of many DICOM files -> those that make up one stack.
#pragma once

#include "dmcvr/study/dicom_pictures.h"

#include <cstdint>
#include <vector>

namespace dmcvr {

constexpr double kSameSliceMm = 0.1;  // along the normal, between pictures of one slice

// Parallel pictures of one examination.
struct DicomGroup {
  std::vector<DicomPicture> pictures;  // on the grid of the first one, but for those that joined
  int64_t joined_slices = 0;  // of another matrix, pixel spacing or place across the normal
};

Point normal_of(const DicomPicture& picture);
// mm from the origin along the normal.
double height_of(const DicomPicture& picture, const Point& normal);

// Groups by examination, direction (1e-3), matrix, pixel spacing (1e-3), place across the normal
// (1 mm), and frame of reference or series. A group then joins another one with at least as many
// slices where they differ in matrix, spacing and place across the normal alone, have about as many
// phases, and its slices go on where that one ends or lacks some, at its pitch: a technician moved
// or changed the field of view within the stack. In the order of their first pictures.
std::vector<DicomGroup> dicom_groups(const std::vector<DicomPicture>& pictures);

}  // namespace dmcvr
