// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_codestream.h"

#include "dmcvr/core/error.h"

#include <string>

namespace dmcvr {
namespace {

constexpr std::string_view kRle = "1.2.840.10008.1.2.5";
constexpr std::string_view kJpegFamily = "1.2.840.10008.1.2.4.";  // with JPEG-LS and JPEG 2000

int64_t big_endian(std::string_view stream, size_t at, size_t size) {
  if (stream.size() < size || at > stream.size() - size)
    throw Error("coded pixels that end inside their header");
  int64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(stream[at + i]);
  return value;
}

bool is_frame_header(int64_t marker) {
  constexpr int64_t kHuffmanTables = 0xffc4, kExtension = 0xffc8, kArithmetic = 0xffcc;
  constexpr int64_t kJpegLs = 0xfff7;
  if (marker == kJpegLs) return true;
  return marker >= 0xffc0 && marker <= 0xffcf && marker != kHuffmanTables && marker != kExtension &&
         marker != kArithmetic;
}

CodedSize jpeg_size(std::string_view stream) {
  constexpr int64_t kScan = 0xffda, kFirstMarker = 0xff02;
  for (size_t at = 2;;) {
    int64_t marker = big_endian(stream, at, 2);
    while (marker == 0xffff) marker = big_endian(stream, ++at, 2);  // fill bytes
    if (marker < kFirstMarker || marker == kScan)
      throw Error("coded pixels without a frame header before their first scan");
    const int64_t length = big_endian(stream, at + 2, 2);  // with itself
    if (length < 2) throw Error("coded pixels with a damaged marker");
    if (is_frame_header(marker)) {
      return {big_endian(stream, at + 7, 2), big_endian(stream, at + 5, 2),
              big_endian(stream, at + 9, 1), big_endian(stream, at + 4, 1)};
    }
    at += 2 + static_cast<size_t>(length);
  }
}

CodedSize jpeg2000_size(std::string_view stream) {
  constexpr int64_t kSize = 0xff51;
  if (big_endian(stream, 2, 2) != kSize)
    throw Error("coded pixels without their size at the begin");
  CodedSize size;
  size.columns = big_endian(stream, 8, 4) - big_endian(stream, 16, 4);
  size.rows = big_endian(stream, 12, 4) - big_endian(stream, 20, 4);
  size.components = big_endian(stream, 40, 2);
  size.bits = (big_endian(stream, 42, 1) & 0x7f) + 1;
  return size;
}

int64_t bytes_per_sample(const CodedSize& size) {
  return (size.bits + 7) / 8;
}

}  // namespace

CodedSize codestream_size(std::string_view stream) {
  const int64_t start = big_endian(stream, 0, 2);
  if (start == 0xffd8) return jpeg_size(stream);
  if (start == 0xff4f) return jpeg2000_size(stream);
  throw Error("coded pixels that do not begin as JPEG, JPEG-LS or JPEG 2000 do");
}

void check_coded_pixels(const DicomStructure& structure, const CodedSize& said, int64_t frames) {
  const auto& [syntax, fragments] = structure;
  const bool is_jpeg = syntax.rfind(kJpegFamily, 0) == 0;
  if (!is_jpeg && syntax != kRle) {
    if (!fragments.empty()) throw Error("coded pixels, of which the transfer syntax knows nothing");
    return;
  }
  // A single frame may be cut into fragments at any byte.
  const auto count = static_cast<int64_t>(fragments.size());
  if (count == 0 || (frames > 1 && count != frames))
    throw Error("coded pixels in {} parts for {} frames", count, frames);
  if (!is_jpeg) return;
  std::vector<std::string_view> streams = fragments;
  std::string whole;
  if (frames == 1 && count > 1) {
    for (const std::string_view fragment : fragments) whole += fragment;
    streams = {whole};
  }
  for (const std::string_view stream : streams) {
    const CodedSize size = codestream_size(stream);
    if (size.columns == said.columns && size.rows == said.rows &&
        size.components == said.components && bytes_per_sample(size) == bytes_per_sample(said))
      continue;
    throw Error(
        "coded pixels of {} x {}, {} components of {} bits, in a file that says {} x {}, {} of {}",
        size.columns, size.rows, size.components, size.bits, said.columns, said.rows,
        said.components, said.bits);
  }
}

}  // namespace dmcvr
