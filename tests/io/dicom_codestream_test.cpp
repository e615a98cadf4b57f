// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_codestream.h"

#include "io/dicom_writer.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/dicom.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {
namespace {

std::string stream_of(const std::string& bytes) {
  std::string stream;
  for (const auto fragment : read_dicom_elements(bytes).fragments) stream += fragment;
  return stream;
}

bool pass(PixelCoding coding, const std::vector<std::string_view>& fragments, const CodedSize& said,
          int64_t frames) {
  DicomFile file;
  file.coding = coding;
  file.fragments = fragments;
  try {
    return static_cast<int64_t>(coded_frames(file, said, frames).size()) == frames;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST(DicomCodestream, SizesAreThoseOfThePicture) {
  const auto stored = torch::arange(8 * 12, torch::kInt64).view({8, 12});
  for (const auto* syntax : {"jpeg", "jpegls", "jpeg2000"}) {
    const CodedSize size = codestream_size(stream_of(test::dicom_bytes({}, stored, syntax)));
    EXPECT_EQ(size.columns, 12) << syntax;
    EXPECT_EQ(size.rows, 8) << syntax;
    EXPECT_EQ(size.components, 1) << syntax;
    EXPECT_GT(size.bits, 8) << syntax;
    EXPECT_LE(size.bits, 16) << syntax;
  }
}

TEST(DicomCodestream, CutOrForeignStreamsAreErrors) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  for (const auto* syntax : {"jpeg", "jpegls", "jpeg2000"}) {
    const auto stream = stream_of(test::dicom_bytes({}, stored, syntax));
    for (size_t size = 0; size < 12; ++size) {
      const std::vector<char> exact(stream.begin(),
                                    stream.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW(codestream_size({exact.data(), exact.size()}), Error) << syntax;
    }
  }
  EXPECT_THROW(codestream_size("GIF89a"), Error);
  EXPECT_THROW(codestream_size(std::string("\xff\xd8\xff\xe0\x00\x00", 6)), Error);
  EXPECT_THROW(codestream_size(std::string("\xff\xd8\xff\xda\x00\x08", 6)), Error);
}

TEST(DicomCodestream, JpegComesToItsEnd) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  const auto size_of = [](const std::string& stream) {
    const std::vector<char> exact(stream.begin(), stream.end());
    return codestream_size({exact.data(), exact.size()});
  };
  std::string stream = stream_of(test::dicom_bytes({}, stored, "jpeg"));
  const size_t end = stream.rfind("\xff\xd9"), scan = stream.rfind("\xff\xda") + 10;
  ASSERT_LT(scan, end);
  ASSERT_NE(end, std::string::npos);
  for (size_t size = scan; size < end + 2; ++size)
    EXPECT_THROW(size_of(stream.substr(0, size)), Error) << size;
  const auto with = [&](const std::string& among) {
    return stream.substr(0, scan) + among + stream.substr(scan);
  };
  // Restarts, coded FF, fill bytes, and a comment that lies inside the stream.
  EXPECT_EQ(size_of(with("\xff\xd0")).columns, 8);
  EXPECT_EQ(size_of(with(std::string("\xff\x00", 2))).columns, 8);
  EXPECT_EQ(size_of(with("\xff\xff\xd3")).columns, 8);
  EXPECT_EQ(size_of(with(std::string("\xff\xfe\x00\x04"
                                     "ab",
                                     6)))
                .columns,
            8);
  // One that is said to be longer, or shorter than its own length.
  EXPECT_THROW(size_of(with("\xff\xe0\x0d\xaa")), Error);
  EXPECT_THROW(size_of(with(std::string("\xff\xe0\x00\x01", 4))), Error);
}

// What damage does to a stream is an Error or another size; sanitizers see what is read beyond it.
TEST(DicomCodestream, NoDamagedByteMakesItLeaveTheStream) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  for (const auto* syntax : {"jpeg", "jpegls", "jpeg2000"}) {
    const auto stream = stream_of(test::dicom_bytes({}, stored, syntax));
    int64_t refused = 0;
    for (size_t at = 0; at < stream.size(); ++at) {
      for (const char damage : {'\x00', '\x2a', '\x7f', '\xff'}) {
        std::vector<char> damaged(stream.begin(), stream.end());
        damaged[at] = damage;
        try {
          codestream_size({damaged.data(), damaged.size()});
        } catch (const Error&) {
          ++refused;
        }
      }
    }
    EXPECT_GT(refused, 8) << syntax;
  }
}

TEST(DicomCodestream, FilesWhosePixelsAreOthersAreErrors) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  for (const auto* syntax : {"jpeg", "jpegls", "jpeg2000"}) {
    auto bytes = test::dicom_bytes({}, stored, syntax);
    EXPECT_EQ(read_dicom_pixels(bytes).numel(), 64) << syntax;
    // One column more in the header of the file, of which the stream knows nothing.
    const std::string columns("\x28\x00\x11\x00US\x02\x00\x08\x00", 10);
    const size_t at = bytes.find(columns);
    ASSERT_NE(at, std::string::npos);
    ++bytes[at + 8];
    EXPECT_THROW(read_dicom_pixels(bytes), Error) << syntax;
  }
}

TEST(DicomCodestream, EveryFrameHasItsStream) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  const auto stream = stream_of(test::dicom_bytes({}, stored, "jpegls"));
  const CodedSize said{8, 8, 1, 16};
  EXPECT_TRUE(pass(PixelCoding::jpeg, {stream}, said, 1));
  EXPECT_TRUE(pass(PixelCoding::jpeg, {stream, stream, stream}, said, 3));
  EXPECT_FALSE(pass(PixelCoding::jpeg, {stream, stream}, said, 3));
  EXPECT_FALSE(pass(PixelCoding::jpeg, {}, said, 1));
  EXPECT_FALSE(pass(PixelCoding::jpeg, {stream}, {8, 8, 1, 8}, 1));
  EXPECT_FALSE(pass(PixelCoding::jpeg, {stream}, {8, 9, 1, 16}, 1));
  // One frame in two fragments, cut inside its header.
  const std::string_view whole = stream;
  EXPECT_TRUE(pass(PixelCoding::jpeg, {whole.substr(0, 5), whole.substr(5)}, said, 1));
}

TEST(DicomCodestream, RunLengthsUnpackToThePicture) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  const std::string frame = stream_of(test::dicom_bytes({}, stored, "rle"));
  const CodedSize said{8, 8, 1, 16};
  EXPECT_TRUE(pass(PixelCoding::rle, {frame}, said, 1));
  EXPECT_TRUE(pass(PixelCoding::rle, {frame, frame}, said, 2));
  EXPECT_FALSE(pass(PixelCoding::rle, {frame, frame}, said, 3));
  EXPECT_FALSE(pass(PixelCoding::rle, {frame}, {8, 8, 1, 8}, 1));
  EXPECT_FALSE(pass(PixelCoding::rle, {frame}, {9, 8, 1, 16}, 1));
  for (size_t size = 0; size < frame.size() - 8; ++size) {
    const std::vector<char> cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(pass(PixelCoding::rle, {{cut.data(), cut.size()}}, said, 1)) << size;
  }
  std::string damaged = frame;
  damaged[8] = '\x7f';  // where the second segment begins
  damaged[9] = '\x7f';
  EXPECT_FALSE(pass(PixelCoding::rle, {damaged}, said, 1));
}

}  // namespace dmcvr
