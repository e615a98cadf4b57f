// SPDX-License-Identifier: Apache-2.0
// The file, all numbers little-endian:
//   8 bytes   "DMCVRSLC"
//   u32       version
//   u64       length of the index
//   index     JSON: rule, sources, and per slice its size, spacing, origin and block length
//   blocks    one zlib stream per slice: image, then labels if it has them, both as differences
//             to the row above (modulo 256)
//   64 bytes  SHA-256 of everything before, in hex digits
#include "dmcvr/dataset/packed_slices.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/sha256.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wsign-compare"
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_ONLY_PNG
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>
#undef STB_IMAGE_STATIC
#undef STB_IMAGE_IMPLEMENTATION
#undef STBI_NO_STDIO
#undef STBI_ONLY_PNG
#undef STB_IMAGE_WRITE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STBI_WRITE_NO_STDIO
#pragma GCC diagnostic pop

namespace dmcvr {
namespace {

using nlohmann::json;

constexpr std::string_view kPackedMagic = "DMCVRSLC";
constexpr uint32_t kPackedVersion = 2;
constexpr size_t kPackedPrefix = 8 + 4 + 8;
constexpr size_t kPackedChecksum = 64;
constexpr int64_t kLargestSide = 4096;
// Deflate cannot shrink by more than this, so that a small block cannot promise a large picture.
constexpr uint64_t kDeflateLimit = 1032;

std::string number_bytes(uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

uint64_t number_at(const std::string& bytes, size_t position, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[position + i])) << (8 * i);
  }
  return value;
}

// Appends the differences of each row to the one above.
void append_row_differences(const torch::Tensor& picture, std::vector<unsigned char>& out) {
  const auto rows = picture.size(0), columns = picture.size(1);
  const auto contiguous = picture.contiguous();
  const auto* data = contiguous.data_ptr<uint8_t>();
  for (int64_t i = 0; i < rows * columns; ++i) {
    out.push_back(static_cast<unsigned char>(data[i] - (i < columns ? 0 : data[i - columns])));
  }
}

torch::Tensor sum_row_differences(const unsigned char* data, int64_t rows, int64_t columns) {
  auto picture = torch::empty({rows, columns}, torch::kUInt8);
  auto* out = picture.data_ptr<uint8_t>();
  for (int64_t i = 0; i < rows * columns; ++i) {
    out[i] = static_cast<uint8_t>(data[i] + (i < columns ? 0 : out[i - columns]));
  }
  return picture;
}

std::string compress_slice(const PackedSlice& slice) {
  std::vector<unsigned char> raw;
  raw.reserve(2 * slice.image.numel());
  append_row_differences(slice.image, raw);
  if (slice.labels.defined()) append_row_differences(slice.labels, raw);
  int length = 0;
  const std::unique_ptr<unsigned char, decltype(&std::free)> compressed(
      stbi_zlib_compress(raw.data(), static_cast<int>(raw.size()), &length, 8), &std::free);
  if (!compressed) throw Error("out of memory while compressing a slice");
  return {reinterpret_cast<const char*>(compressed.get()), static_cast<size_t>(length)};
}

// Index entry and block -> slice. Everything is compared before memory is taken.
PackedSlice parse_slice(const json& entry, const char* block, uint64_t block_size) {
  PackedSlice slice;
  const auto rows = entry.at("rows").get<int64_t>(), columns = entry.at("columns").get<int64_t>();
  const auto has_labels = entry.at("labels").get<bool>();
  slice.case_index = entry.at("case").get<int64_t>();
  slice.phase_index = entry.at("phase").get<int64_t>();
  slice.slice_index = entry.at("slice").get<int64_t>();
  slice.spacing_mm = entry.at("spacing_mm").get<double>();
  slice.pitch_mm = entry.at("pitch_mm").get<double>();
  slice.is_synthetic = entry.at("synthetic").get<bool>();
  if (rows < 1 || rows > kLargestSide || columns < 1 || columns > kLargestSide) {
    throw Error("a slice of {} x {} pixels, expected 1 to {} per side", rows, columns,
                kLargestSide);
  }
  if (slice.case_index < 0 || slice.phase_index < 0 || slice.slice_index < 0 ||
      !std::isfinite(slice.pitch_mm) || slice.pitch_mm < 0) {
    throw Error("a slice with a negative index or pitch");
  }

  if (!(slice.spacing_mm > 0 && slice.spacing_mm <= 100)) {
    throw Error("pixels of {} mm", slice.spacing_mm);
  }
  const auto pixels = static_cast<uint64_t>(rows * columns);
  const uint64_t expected = pixels * (has_labels ? 2 : 1);
  if (expected > kDeflateLimit * block_size) throw Error("a block too small for its slice");
  std::vector<unsigned char> raw(expected);
  const int found =
      stbi_zlib_decode_buffer(reinterpret_cast<char*>(raw.data()), static_cast<int>(expected),
                              block, static_cast<int>(block_size));
  if (found < 0 || static_cast<uint64_t>(found) != expected)
    throw Error("a block that cannot be expanded");
  slice.image = sum_row_differences(raw.data(), rows, columns);
  if (has_labels) {
    slice.labels = sum_row_differences(raw.data() + pixels, rows, columns);
    if (slice.labels.max().item<int64_t>() >= kLabelCount)
      throw Error("a label above {}", kLabelCount - 1);
  }
  return slice;
}

std::string read_all(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) throw Error("no such file");
  if (!std::filesystem::is_regular_file(path, failure)) {
    throw Error("is no file of packed slices; make one with 'dmcvr prepare'");
  }
  const auto size = std::filesystem::file_size(path, failure);
  std::ifstream stream(path, std::ios::binary);
  if (failure || !stream) throw Error("cannot be read");
  std::string bytes(size, '\0');
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw Error("cannot be read");
  return bytes;
}

PackedSlices parse_packed(const std::string& bytes) {
  // Magic, version and length of the index.
  if (bytes.size() < kPackedPrefix + kPackedChecksum ||
      bytes.compare(0, kPackedMagic.size(), kPackedMagic) != 0) {
    throw Error("not a file of packed slices; make one with 'dmcvr prepare'");
  }
  const auto found_version = number_at(bytes, 8, 4);
  if (found_version != kPackedVersion) {
    throw Error("packed slices of version {}, this program reads version {}; prepare them again",
                found_version, kPackedVersion);
  }
  const size_t end = bytes.size() - kPackedChecksum;
  const uint64_t index_size = number_at(bytes, 12, 8);
  if (index_size > end - kPackedPrefix) {
    throw Error(
        "the index promises {} bytes, the file holds {}; the copy is incomplete, fetch it again",
        index_size, end - kPackedPrefix);
  }
  if (sha256_of(std::string_view(bytes).substr(0, end)) != std::string_view(bytes).substr(end)) {
    throw Error("the checksum is wrong; the file is damaged, fetch or prepare it again");
  }

  // Slices: the blocks tile what lies between the index and the checksum.
  PackedSlices packed;
  try {
    const auto index =
        json::parse(bytes.begin() + kPackedPrefix,
                    bytes.begin() + static_cast<std::ptrdiff_t>(kPackedPrefix + index_size));
    packed.rule = index.at("rule").get<InputRule>();
    packed.rule.check();
    packed.sources = index.at("sources").get<std::vector<std::string>>();
    uint64_t position = kPackedPrefix + index_size;
    for (const auto& entry : index.at("slices")) {
      const auto block_size = entry.at("bytes").get<uint64_t>();
      if (block_size > end - position) throw Error("a block that lies outside the file");
      packed.slices.push_back(parse_slice(entry, bytes.data() + position, block_size));
      position += block_size;
    }
    if (position != end)
      throw Error("{} bytes behind the last slice belong to nothing", end - position);
  } catch (const json::exception&) {
    throw Error("the index is damaged; prepare the file again");
  }
  return packed;
}

// The part of a rule that makes stored pictures.
json made_by(const InputRule& rule) {
  return {{"spacing_mm", rule.spacing_mm},
          {"low_percentile", rule.low_percentile},
          {"high_percentile", rule.high_percentile},
          {"low_is_zero", rule.low_is_zero},
          {"clip_factor", rule.clip_factor}};
}

void check_packed(const PackedSlices& packed) {
  for (const auto& slice : packed.slices) {
    TORCH_CHECK(slice.spacing_mm > 0, "packed slices: pixels of ", slice.spacing_mm, " mm");
    TORCH_CHECK(slice.image.defined() && slice.image.dim() == 2 &&
                    slice.image.scalar_type() == torch::kUInt8 && slice.image.numel() > 0 &&
                    slice.image.size(0) <= kLargestSide && slice.image.size(1) <= kLargestSide,
                "packed slices: an image must be [H, W] uint8 of at most ", kLargestSide,
                " pixels per side");
    TORCH_CHECK(!slice.labels.defined() || (slice.labels.sizes() == slice.image.sizes() &&
                                            slice.labels.scalar_type() == torch::kUInt8),
                "packed slices: labels must be uint8 of the size of their image");
  }
}

}  // namespace

void write_packed(const std::filesystem::path& path, const PackedSlices& packed) {
  check_packed(packed);
  json entries = json::array();
  std::vector<std::string> blocks;
  for (const auto& slice : packed.slices) {
    blocks.push_back(compress_slice(slice));
    entries.push_back({{"rows", slice.image.size(0)},
                       {"columns", slice.image.size(1)},
                       {"labels", slice.labels.defined()},
                       {"case", slice.case_index},
                       {"phase", slice.phase_index},
                       {"slice", slice.slice_index},
                       {"spacing_mm", slice.spacing_mm},
                       {"pitch_mm", slice.pitch_mm},
                       {"synthetic", slice.is_synthetic},
                       {"bytes", blocks.back().size()}});
  }
  const std::string index =
      json{{"rule", packed.rule}, {"sources", packed.sources}, {"slices", entries}}.dump();

  write_file(path, [&](std::ostream& stream) {
    Sha256 checksum;
    const auto put = [&](const std::string& bytes) {
      checksum.update(bytes.data(), bytes.size());
      stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    };
    put(std::string(kPackedMagic) + number_bytes(kPackedVersion, 4) +
        number_bytes(index.size(), 8));
    put(index);
    for (const auto& block : blocks) put(block);
    stream << checksum.hex();
  });
}

bool is_packed(const std::filesystem::path& path) {
  std::string begin(kPackedMagic.size(), '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return stream && begin == kPackedMagic;
}

PackedSlices read_packed(const std::filesystem::path& path) {
  try {
    return parse_packed(read_all(path));
  } catch (const Error& error) {
    throw error.in(path.string());
  }
}

void check_rule(const PackedSlices& packed, const InputRule& rule) {
  if (packed.slices.empty()) return;
  auto made = made_by(packed.rule), wanted = made_by(rule);
  // Any stored pixel size can be resampled to the one that is wanted, but not to the acquired one.
  if (rule.spacing_mm > 0) made.erase("spacing_mm"), wanted.erase("spacing_mm");
  if (made != wanted) {
    throw Error(
        "the slices were prepared by the rule {}, the network wants {}; prepare them again with "
        "that input_rule",
        made.dump(), wanted.dump());
  }
}

std::string content_sha256(const PackedSlices& packed) {
  Sha256 checksum;
  for (const auto& slice : packed.slices) {
    for (const auto& picture : {slice.image, slice.labels}) {
      if (!picture.defined()) continue;
      const auto pixels = picture.contiguous();
      checksum.update(pixels.data_ptr(), pixels.nbytes());
    }
  }
  return checksum.hex();
}

PackedSlices joined(const std::vector<PackedSlices>& parts) {
  PackedSlices all;
  int64_t case_count = 0;
  for (const PackedSlices& part : parts) {
    if (!all.slices.empty() && made_by(part.rule) != made_by(all.rule)) {
      throw Error("packed slices of different rules cannot be joined: {} and {}",
                  made_by(all.rule).dump(), made_by(part.rule).dump());
    }
    all.rule = part.rule;
    all.sources.insert(all.sources.end(), part.sources.begin(), part.sources.end());
    int64_t next = case_count;
    for (PackedSlice slice : part.slices) {
      slice.case_index += case_count;
      next = std::max(next, slice.case_index + 1);
      all.slices.push_back(std::move(slice));
    }
    case_count = next;
  }
  return all;
}

}  // namespace dmcvr
