// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_segmentation.h"

#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>
#include <gtest/gtest.h>

#include <sstream>

namespace dmcvr {
namespace {

using gdcm::Tag;

// Two phases of three planes of 3 x 5 pixels, which fill no whole number of bytes.
Labels sparse_labels() {
  Labels labels;
  labels.grid.size = {5, 3, 3};
  labels.grid.world_from_voxel.matrix = {{{1.5, 0, 0}, {0, 1.25, 0}, {0, 0, 2}}};
  labels.grid.world_from_voxel.offset = {10, 20, 30};
  labels.voxels = torch::zeros({2, 3, 3, 5}, torch::kUInt8);
  labels.voxels[0][0][0][0] = 1;
  labels.voxels[0][2].fill_(1);
  labels.voxels[0][2][1][3] = 3;
  labels.voxels[1][1][2][4] = 1;
  return labels;
}

DicomSegmentationOut two_segments() {
  DicomSegmentationOut segmentation;
  segmentation.uid = "1.2.9";
  segmentation.dimension_uid = "1.2.10";
  segmentation.algorithm = "dmcvr";
  segmentation.picture_series = "1.2.8";
  segmentation.segments = {{1, "LVC", "", {}, {}, {}}, {3, "RVC", "", {}, {}, {}}};
  for (int n = 0; n < 6; ++n) segmentation.pictures.push_back("1.2.8." + std::to_string(n));
  return segmentation;
}

std::string value_at(const gdcm::DataSet& set, const Tag& tag) {
  const auto* value = set.GetDataElement(tag).GetByteValue();
  return value == nullptr ? "" : std::string(value->GetPointer(), value->GetLength());
}

gdcm::DataSet below(const gdcm::DataSet& set, const Tag& tag, size_t index = 1) {
  return set.GetDataElement(tag).GetValueAsSQ()->GetItem(index).GetNestedDataSet();
}

// The labels as the frames say them, by segment number, picture and bits.
TEST(DicomSegmentation, FramesHoldTheLabelsAndNameTheirPictures) {
  const Labels labels = sparse_labels();
  DicomSeriesOut series;
  series.identity.study_uid = "1.2.3";
  series.uid = "1.2.4";
  const auto bytes = dicom_segmentation_bytes(series, labels, two_segments());
  std::istringstream stream(bytes);
  gdcm::Reader reader;
  reader.SetStream(stream);
  ASSERT_TRUE(reader.Read());
  const gdcm::DataSet& set = reader.GetFile().GetDataSet();
  EXPECT_EQ(value_at(set, Tag(0x0028, 0x0008)), "4 ");  // three of LVC, one of RVC
  const std::string bits = value_at(set, Tag(0x7fe0, 0x0010));
  EXPECT_EQ(bits.size(), 8U);  // 60 bits

  auto found = torch::zeros_like(labels.voxels);
  for (size_t n = 0; n < 4; ++n) {
    const auto frame = below(set, Tag(0x5200, 0x9230), n + 1);
    const auto source = below(below(frame, Tag(0x0008, 0x9124)), Tag(0x0008, 0x2112));
    const std::string picture = value_at(source, Tag(0x0008, 0x1155));
    const int64_t number = std::stoll(picture.substr(6)), phase = number / 3, plane = number % 3;
    const auto segment =
        value_at(below(frame, Tag(0x0062, 0x000a)), Tag(0x0062, 0x000b)).at(0) == 1 ? 1 : 3;
    for (int64_t pixel = 0; pixel < 15; ++pixel) {
      const size_t bit = n * 15 + static_cast<size_t>(pixel);
      if ((static_cast<unsigned char>(bits[bit / 8]) >> bit % 8 & 1U) != 0)
        found[phase][plane][pixel / 5][pixel % 5] = segment;
    }
    const auto position = value_at(below(frame, Tag(0x0020, 0x9113)), Tag(0x0020, 0x0032));
    EXPECT_EQ(position.substr(0, 8), "-10\\-20\\");
    EXPECT_EQ(std::stod(position.substr(8)), 30 + 2 * static_cast<double>(plane));
    const auto content = below(frame, Tag(0x0020, 0x9111));
    EXPECT_EQ(value_at(content, Tag(0x0020, 0x9128)).at(0), phase + 1);
  }
  EXPECT_TRUE(found.equal(labels.voxels));
}

TEST(DicomSegmentation, IsNoPictureToOurReader) {
  const auto bytes = dicom_segmentation_bytes({}, sparse_labels(), two_segments());
  EXPECT_FALSE(read_dicom_header(bytes));
}

}  // namespace
}  // namespace dmcvr
