// SPDX-License-Identifier: Apache-2.0
// Labels of a dense heart as a DICOM segmentation (Segmentation Storage, BINARY, PS3.3 A.51): one
// file, a segment per structure, a frame per segment, phase and plane that it touches. Every frame
// names the picture that it lies on, and thereby its phase.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/io/dicom_write.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

inline constexpr const char* kSegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4";

// A coded term.
struct DicomCode {
  std::string value, scheme, meaning;  // "87878005", "SCT", "Left Ventricle"
};

struct DicomSegment {
  int64_t label = 0;  // value in the labels
  std::string name, description;
  DicomCode category, type, region;  // of the tissue, and where it is
};

struct DicomSegmentationOut {
  std::string uid;
  std::string dimension_uid;  // of the organization of its frames
  std::string algorithm;
  std::vector<DicomSegment> segments;
  // The pictures: their series and, plane by plane of each phase, their instances.
  std::string picture_series;
  std::vector<std::string> pictures;
};

// At least one voxel is of one of the segments.
std::string dicom_segmentation_bytes(const DicomSeriesOut& series, const Labels& labels,
                                     const DicomSegmentationOut& segmentation);

}  // namespace dmcvr
