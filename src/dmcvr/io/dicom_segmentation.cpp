// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_segmentation.h"

#include <c10/util/Exception.h>
#include <torch/types.h>

#include <utility>

namespace dmcvr {
namespace {

// Tags that are named in several places.
constexpr uint32_t kSegmentNumber = 0x0062000b, kSegmentGroup = 0x0062000a;
constexpr uint32_t kPhaseNumber = 0x00209128, kContentGroup = 0x00209111;
constexpr uint32_t kPlaneCorner = 0x00200032, kPlaneGroup = 0x00209113;

// One mask of the file.
struct SegmentFrame {
  size_t segment = 0;
  int64_t phase = 0, plane = 0;
};

DicomSet code_item(const DicomCode& code) {
  DicomSet set;
  set.put_text(0x00080100, "SH", code.value);
  set.put_text(0x00080102, "SH", code.scheme);
  set.put_text(0x00080104, "LO", code.meaning);
  return set;
}

DicomSet reference_to(const std::string& picture) {
  DicomSet set;
  set.put_text(0x00081150, "UI", kMrImageStorage);
  set.put_text(0x00081155, "UI", picture);
  return set;
}

DicomSet segment_item(const DicomSegment& segment, size_t index, const std::string& algorithm) {
  DicomSet set;
  set.put_items(0x00620003, {code_item(segment.category)});
  set.put_words(0x00620004, {static_cast<uint16_t>(index + 1)});
  set.put_text(0x00620005, "LO", segment.name);
  set.put_text(0x00620006, "ST", segment.description);
  set.put_text(0x00620008, "CS", "AUTOMATIC");
  set.put_text(0x00620009, "LO", algorithm);
  set.put_items(0x0062000f, {code_item(segment.type)});
  set.put_items(0x00082218, {code_item(segment.region)});
  return set;
}

DicomSet dimension_item(const std::string& organization, uint32_t index, uint32_t group,
                        const char* label) {
  DicomSet set;
  set.put_text(0x00209164, "UI", organization);
  set.put_pointer(0x00209165, index);
  set.put_pointer(0x00209167, group);
  set.put_text(0x00209421, "LO", label);
  return set;
}

DicomSet shared_groups(const Grid& grid) {
  DicomSet measures, orientation, shared;
  put_pixel_measures(measures, grid);
  orientation.put_decimals(0x00200037, image_orientation(grid));
  shared.put_items(0x00289110, {measures});
  shared.put_items(0x00209116, {orientation});
  return shared;
}

DicomSet frame_groups(const SegmentFrame& frame, const Grid& grid, const std::string& picture) {
  const auto segment = static_cast<uint16_t>(frame.segment + 1);
  const auto phase = static_cast<uint32_t>(frame.phase + 1);
  DicomSet content, place, identification, source, derivation, groups;
  content.put_longs(0x00209157, {segment, phase, static_cast<uint32_t>(frame.plane + 1)});
  content.put_longs(kPhaseNumber, {phase});
  place.put_decimals(kPlaneCorner, image_position(grid, frame.plane));
  identification.put_words(kSegmentNumber, {segment});
  source = reference_to(picture);
  source.put_text(0x0028135a, "CS", "YES");  // the places are the same
  source.put_items(0x0040a170,
                   {code_item({"121322", "DCM", "Source image for image processing operation"})});
  derivation.put_items(0x00082112, {source});
  derivation.put_items(0x00089215, {code_item({"113076", "DCM", "Segmentation"})});
  groups.put_items(0x00089124, {derivation});
  groups.put_items(kContentGroup, {content});
  groups.put_items(kPlaneGroup, {place});
  groups.put_items(kSegmentGroup, {identification});
  return groups;
}

// Voxels of the masks one after the other, eight to a byte, the first one lowest.
class Bits {
 public:
  void add(const torch::Tensor& mask) {
    const auto plain = mask.to(torch::kUInt8).contiguous();
    const auto* voxels = plain.data_ptr<uint8_t>();
    for (int64_t i = 0; i < plain.numel(); ++i, ++count_) {
      if (count_ % 8 == 0) bytes_ += '\0';
      if (voxels[i] != 0)
        bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) |
                                          1U << static_cast<unsigned>(count_ % 8));
    }
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  size_t count_ = 0;
};

}  // namespace

std::string dicom_segmentation_bytes(const DicomSeriesOut& series, const Labels& labels,
                                     const DicomSegmentationOut& segmentation) {
  labels.check();
  const Grid& grid = labels.grid;
  const int64_t planes = grid.size[2];
  TORCH_CHECK(static_cast<int64_t>(segmentation.pictures.size()) == labels.phase_count() * planes,
              "dicom_segmentation_bytes: ", segmentation.pictures.size(), " pictures");

  // Frames, and the pictures below them.
  std::vector<DicomSet> segments, frames, references;
  Bits bits;
  for (size_t n = 0; n < segmentation.segments.size(); ++n) {
    const DicomSegment& segment = segmentation.segments[n];
    segments.push_back(segment_item(segment, n, segmentation.algorithm));
    const auto mask = labels.voxels == segment.label;           // [T, D, H, W]
    const auto is_there = mask.flatten(2).any(2).contiguous();  // [T, D]
    for (int64_t t = 0; t < labels.phase_count(); ++t) {
      for (int64_t k = 0; k < planes; ++k) {
        if (!is_there[t][k].item<bool>()) continue;
        const auto& picture = segmentation.pictures[static_cast<size_t>(t * planes + k)];
        frames.push_back(frame_groups({n, t, k}, grid, picture));
        bits.add(mask[t][k]);
      }
    }
  }
  TORCH_CHECK(!frames.empty(), "dicom_segmentation_bytes: no voxel of any segment");
  for (const auto& picture : segmentation.pictures) references.push_back(reference_to(picture));
  DicomSet picture_series, organization;
  picture_series.put_items(0x0008114a, references);
  picture_series.put_text(0x0020000e, "UI", segmentation.picture_series);
  organization.put_text(0x00209164, "UI", segmentation.dimension_uid);

  DicomSet set = series_attributes(series, "SEG", kSegmentationStorage, segmentation.uid);
  set.put_text(0x00080008, "CS", "DERIVED\\PRIMARY");
  // The standard wants a day here. This one is of nobody.
  set.put_text(0x00080023, "DA", "19000101");
  set.put_text(0x00080033, "TM", "000000");
  set.put_items(0x00081115, {picture_series});
  set.put_whole(0x00200013, 1);
  set.put_items(0x00209221, {organization});
  const std::string& dimension = segmentation.dimension_uid;
  set.put_items(0x00209222, {dimension_item(dimension, kSegmentNumber, kSegmentGroup, "segment"),
                             dimension_item(dimension, kPhaseNumber, kContentGroup, "phase"),
                             dimension_item(dimension, kPlaneCorner, kPlaneGroup, "plane")});
  set.put_words(0x00280002, {1});
  set.put_text(0x00280004, "CS", "MONOCHROME2");
  set.put_whole(0x00280008, static_cast<int64_t>(frames.size()));
  set.put_words(0x00280010, {static_cast<uint16_t>(grid.size[1])});
  set.put_words(0x00280011, {static_cast<uint16_t>(grid.size[0])});
  set.put_words(0x00280100, {1});
  set.put_words(0x00280101, {1});
  set.put_words(0x00280102, {0});
  set.put_words(0x00280103, {0});
  set.put_text(0x00282110, "CS", "00");  // no compression with loss
  set.put_text(0x00620001, "CS", "BINARY");
  set.put_items(0x00620002, segments);
  set.put_text(0x00620013, "CS", "NO");  // overlap
  set.put_text(0x00700080, "CS", "HEART");
  set.put_text(0x00700081, "LO", series.description);
  set.put_text(0x00700084, "PN", "");  // creator
  set.put_items(0x52009229, {shared_groups(grid)});
  set.put_items(0x52009230, frames);
  set.put_bytes(0x7fe00010, "OB", bits.take());
  return dicom_file_bytes(set);
}

}  // namespace dmcvr
