// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_codestream.h"

#include "dmcvr/core/error.h"

#include <string>
#include <vector>

namespace dmcvr {
namespace {

void need(std::string_view stream, size_t at, size_t size) {
  if (stream.size() < size || at > stream.size() - size)
    throw Error("coded pixels that end inside their header");
}

int64_t big_endian(std::string_view stream, size_t at, size_t size) {  // size: 1 to 4
  need(stream, at, size);
  int64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(stream[at + i]);
  return value;
}

// One marker with its segment.
struct Segment {
  int64_t marker = 0;
  std::string_view content;
};

// The segments of a stream from its start to the marker `last`, one right behind the other.
std::vector<Segment> header_segments(std::string_view stream, int64_t last) {
  std::vector<Segment> segments;
  for (size_t at = 2;;) {
    const int64_t marker = big_endian(stream, at, 2);
    if (marker == last) return segments;
    const int64_t length = big_endian(stream, at + 2, 2);  // its own two bytes included
    if (marker < 0xff40 || length < 2)
      throw Error("coded pixels with a damaged header, at its byte {}", at);
    const auto size = static_cast<size_t>(length) - 2;
    need(stream, at + 4, size);
    segments.push_back({marker, stream.substr(at + 4, size)});
    at += 4 + size;
  }
}

// From the first scan of a JPEG stream, at `at`, to its end: what stands between coded bits has the
// length that it says. GDCM waits for ever for bytes that are missing there.
void check_scans(std::string_view stream, size_t at) {
  constexpr unsigned char kCodedFf = 0x00, kTemporary = 0x01, kFirstRestart = 0xd0,
                          kLastRestart = 0xd7, kEnd = 0xd9;
  for (;;) {
    at = stream.find('\xff', at);
    at = stream.find_first_not_of('\xff', at);  // of fill bytes the last one counts
    if (at == std::string_view::npos) throw Error("coded pixels without their end");
    const auto marker = static_cast<unsigned char>(stream[at++]);
    if (marker == kEnd) return;
    const bool is_restart = marker >= kFirstRestart && marker <= kLastRestart;
    if (marker == kCodedFf || marker == kTemporary || is_restart) continue;
    const int64_t length = big_endian(stream, at, 2);
    if (length < 2) throw Error("coded pixels with damage at their byte {}", at);
    need(stream, at, static_cast<size_t>(length));
    at += static_cast<size_t>(length);
  }
}

CodedSize jpeg_size(std::string_view stream) {
  constexpr int64_t kBaseline = 0xffc0, kExtended = 0xffc1, kProgressive = 0xffc2,
                    kLossless = 0xffc3, kJpegLs = 0xfff7;
  constexpr int64_t kHuffman = 0xffc4, kScan = 0xffda, kQuantization = 0xffdb, kRestart = 0xffdd,
                    kPresets = 0xfff8, kComment = 0xfffe, kFirstApp = 0xffe0, kLastApp = 0xffef;
  std::vector<CodedSize> sizes;
  bool is_jpeg_ls = false;  // which marks its coded bits another way
  size_t scan = 2;
  for (const auto& [marker, content] : header_segments(stream, kScan)) {
    scan += 4 + content.size();
    is_jpeg_ls |= marker == kJpegLs;
    switch (marker) {
      case kBaseline:
      case kExtended:
      case kProgressive:
      case kLossless:
      case kJpegLs: {
        const CodedSize size = {big_endian(content, 3, 2), big_endian(content, 1, 2),
                                big_endian(content, 5, 1), big_endian(content, 0, 1)};
        if (static_cast<int64_t>(content.size()) != 6 + 3 * size.components)
          throw Error("coded pixels with a damaged frame header");
        const bool is_lossless = marker == kLossless || marker == kJpegLs;
        if (is_lossless ? size.bits < 2 || size.bits > 16 : size.bits != 8 && size.bits != 12)
          throw Error("coded pixels of {} bits, which this kind of JPEG does not have", size.bits);
        sizes.push_back(size);
        break;
      }
      case kHuffman:
      case kQuantization:
      case kRestart:
      case kPresets:
      case kComment:
        break;
      default:
        if (marker < kFirstApp || marker > kLastApp)
          throw Error("coded pixels with a marker {:04X}, which is not read", marker);
    }
  }
  if (sizes.size() != 1)
    throw Error("coded pixels with {} frame headers before their first scan", sizes.size());
  if (!is_jpeg_ls) check_scans(stream, scan);
  return sizes.front();
}

CodedSize jpeg2000_size(std::string_view stream) {
  constexpr int64_t kSize = 0xff51, kCoding = 0xff52, kData = 0xff93;
  constexpr int64_t kAlone = 0xff4f, kEnd = 0xffd9, kPacketEnd = 0xff92;  // without content
  const auto segments = header_segments(stream, kData);
  bool has_coding = false;
  for (const auto& [marker, content] : segments) {
    if (marker == kAlone || marker == kEnd || marker == kPacketEnd)
      throw Error("coded pixels with a marker {:04X} in their header", marker);
    if (marker != kCoding) continue;
    has_coding = true;
    need(content, 0, 10);
  }
  if (segments.empty() || segments.front().marker != kSize || !has_coding)
    throw Error("coded pixels that do not say how they are coded");
  const std::string_view content = segments.front().content;
  CodedSize size;
  size.columns = big_endian(content, 2, 4) - big_endian(content, 10, 4);
  size.rows = big_endian(content, 6, 4) - big_endian(content, 14, 4);
  size.components = big_endian(content, 34, 2);
  size.bits = (big_endian(content, 36, 1) & 0x7f) + 1;
  return size;
}

int64_t bytes_per_sample(const CodedSize& size) {
  return (size.bits + 7) / 8;
}

// Bytes that a segment of RLE unpacks to (PS3.5, G.3.2): runs of copied and of repeated bytes.
int64_t unpacked_bytes(std::string_view segment, int64_t enough) {
  int64_t bytes = 0;
  for (size_t at = 0; bytes < enough;) {
    if (at >= segment.size()) return bytes;
    const auto control = static_cast<signed char>(segment[at++]);
    if (control == -128) continue;
    const int64_t taken = control >= 0 ? control + 1 : 1;
    if (segment.size() - at < static_cast<size_t>(taken)) return bytes;
    at += static_cast<size_t>(taken);
    bytes += control >= 0 ? taken : 1 - control;
  }
  return bytes;
}

// A frame of RLE: a segment for each byte of a sample, all of which have every pixel (PS3.5, G.4).
void check_rle(std::string_view frame, const CodedSize& said) {
  constexpr size_t kHeader = 64;
  const auto little_endian = [&](size_t at) {
    int64_t value = 0;
    for (size_t i = 4; i > 0; --i)
      value = value << 8 | static_cast<unsigned char>(frame[at + i - 1]);
    return value;
  };
  if (frame.size() < kHeader) throw Error("coded pixels that end inside their header");
  const int64_t segments = little_endian(0);
  if (segments != bytes_per_sample(said))
    throw Error("coded pixels of {} bytes, in a file that says {}", segments,
                bytes_per_sample(said));
  for (int64_t n = 0; n < segments; ++n) {
    const auto place = static_cast<size_t>(4 + 4 * n);
    const int64_t begin = little_endian(place), size = static_cast<int64_t>(frame.size());
    const int64_t end = n + 1 < segments ? little_endian(place + 4) : size;
    if (begin < static_cast<int64_t>(kHeader) || begin >= end || end > size)
      throw Error("coded pixels with a damaged table of segments");
    const int64_t pixels = said.columns * said.rows;
    const auto segment = frame.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
    if (unpacked_bytes(segment, pixels) != pixels)
      throw Error("coded pixels that are not {} x {}", said.columns, said.rows);
  }
}

}  // namespace

CodedSize codestream_size(std::string_view stream) {
  const int64_t start = big_endian(stream, 0, 2);
  if (start == 0xffd8) return jpeg_size(stream);
  if (start == 0xff4f) return jpeg2000_size(stream);
  throw Error("coded pixels that do not begin as JPEG, JPEG-LS or JPEG 2000 do");
}

std::vector<std::string> coded_frames(const DicomFile& file, const CodedSize& said,
                                      int64_t frames) {
  std::vector<std::string> streams;
  for (const std::string_view fragment : file.fragments) {
    if (frames == 1 && !streams.empty()) {
      streams.front() += fragment;
    } else {
      streams.emplace_back(fragment);
    }
  }
  if (static_cast<int64_t>(streams.size()) != frames)
    throw Error("coded pixels in {} parts for {} frames", streams.size(), frames);
  for (const std::string& stream : streams) {
    if (file.coding == PixelCoding::rle) {
      check_rle(stream, said);
      continue;
    }
    const CodedSize size = codestream_size(stream);
    if (size.columns == said.columns && size.rows == said.rows &&
        size.components == said.components && bytes_per_sample(size) == bytes_per_sample(said))
      continue;
    throw Error(
        "coded pixels of {} x {}, {} components of {} bits, in a file that says {} x {}, {} of {}",
        size.columns, size.rows, size.components, size.bits, said.columns, said.rows,
        said.components, said.bits);
  }
  return streams;
}

}  // namespace dmcvr
