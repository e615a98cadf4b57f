// SPDX-License-Identifier: Apache-2.0
// The file, all numbers little-endian:
//   8 bytes   "DMCVRSLC"
//   u32       version
//   u64       length of the index
//   index     JSON: rule, sources, and per slice its size, spacing, origin and block length
//   blocks    per slice the image, then its labels if it has them, each as pixel_coder.h codes it
//   64 bytes  SHA-256 of everything before, in hex digits
#include "dmcvr/dataset/packed_slices.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/dataset/pixel_coder.h"

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace dmcvr {
namespace {

using nlohmann::json;

constexpr std::string_view kPackedMagic = "DMCVRSLC";
constexpr uint32_t kPackedVersion = 3;
constexpr size_t kPackedPrefix = 8 + 4 + 8;
constexpr size_t kPackedChecksum = 64;
constexpr int64_t kLargestSide = 4096;
constexpr int64_t kLargestIndex = 1'000'000'000;
constexpr int64_t kMostBytes = int64_t{1} << 40;

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

// Where a slice lies in the file, and all that the index says of it.
struct Block {
  PackedSlice slice;  // without pictures
  int64_t rows = 0, columns = 0;
  uint64_t image_bytes = 0, label_bytes = 0;  // label_bytes 0: no labels
};

// From 0 on. Conversions of other numbers are not defined.
int64_t whole_in(const json& entry, const char* name, int64_t most) {
  const json& value = entry.at(name);
  if (!value.is_number_integer() || value < 0 || value > most)
    throw Error("a slice whose '{}' is {}, expected 0 to {}", name, value.dump(), most);
  return value.get<int64_t>();
}

Block parse_block(const json& entry) {
  Block block;
  PackedSlice& slice = block.slice;
  block.rows = whole_in(entry, "rows", kLargestSide);
  block.columns = whole_in(entry, "columns", kLargestSide);
  block.image_bytes = static_cast<uint64_t>(whole_in(entry, "image_bytes", kMostBytes));
  block.label_bytes = static_cast<uint64_t>(whole_in(entry, "label_bytes", kMostBytes));
  slice.case_index = whole_in(entry, "case", kLargestIndex);
  slice.phase_index = whole_in(entry, "phase", kLargestIndex);
  slice.slice_index = whole_in(entry, "slice", kLargestIndex);
  slice.spacing_mm = entry.at("spacing_mm").get<double>();
  slice.pitch_mm = entry.at("pitch_mm").get<double>();
  slice.is_synthetic = entry.at("synthetic").get<bool>();
  if (block.rows < 1 || block.columns < 1) {
    throw Error("a slice of {} x {} pixels, expected 1 to {} per side", block.rows, block.columns,
                kLargestSide);
  }
  if (!std::isfinite(slice.pitch_mm) || slice.pitch_mm < 0)
    throw Error("a slice with a pitch of {} mm", slice.pitch_mm);
  if (!(slice.spacing_mm > 0 && slice.spacing_mm <= 100)) {
    throw Error("pixels of {} mm", slice.spacing_mm);
  }
  return block;
}

PackedSlice expanded(const Block& block, std::string_view bytes) {
  PackedSlice slice = block.slice;
  slice.image = decode_picture(bytes.substr(0, block.image_bytes), block.rows, block.columns);
  if (block.label_bytes > 0) {
    slice.labels = decode_picture(bytes.substr(block.image_bytes), block.rows, block.columns);
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
    check_kinds(index.at("rule"), InputRule(), "rule");
    packed.rule = index.at("rule").get<InputRule>();
    packed.rule.check();
    packed.sources = index.at("sources").get<std::vector<std::string>>();
    std::vector<Block> blocks;
    std::vector<std::string_view> bytes_of;
    uint64_t position = kPackedPrefix + index_size;
    for (const auto& entry : index.at("slices")) {
      blocks.push_back(parse_block(entry));
      const auto &image = blocks.back().image_bytes, &labels = blocks.back().label_bytes;
      if (image > end - position || labels > end - position - image)
        throw Error("a block that lies outside the file");
      bytes_of.push_back(std::string_view(bytes).substr(position, image + labels));
      position += image + labels;
    }
    if (position != end)
      throw Error("{} bytes behind the last slice belong to nothing", end - position);
    packed.slices.resize(blocks.size());
    at::parallel_for(0, static_cast<int64_t>(blocks.size()), 1, [&](int64_t first, int64_t last) {
      for (auto n = static_cast<size_t>(first); n < static_cast<size_t>(last); ++n)
        packed.slices[n] = expanded(blocks[n], bytes_of[n]);
    });
  } catch (const json::exception&) {
    throw Error("the index is damaged; prepare the file again");
  }
  return packed;
}

// The part of a rule that makes stored pictures.
json made_by(const InputRule& rule) {
  return {{"spacing_mm", rule.spacing_mm},         {"interpolation", rule.interpolation},
          {"low_percentile", rule.low_percentile}, {"high_percentile", rule.high_percentile},
          {"low_is_zero", rule.low_is_zero},       {"clip_factor", rule.clip_factor}};
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
  const auto count = packed.slices.size();
  std::vector<std::string> images(count), labels(count);
  at::parallel_for(0, static_cast<int64_t>(count), 1, [&](int64_t first, int64_t last) {
    for (auto n = static_cast<size_t>(first); n < static_cast<size_t>(last); ++n) {
      const PackedSlice& slice = packed.slices[n];
      images[n] = encode_picture(slice.image);
      if (slice.labels.defined()) labels[n] = encode_picture(slice.labels);
    }
  });
  json entries = json::array();
  for (size_t n = 0; n < count; ++n) {
    const PackedSlice& slice = packed.slices[n];
    entries.push_back({{"rows", slice.image.size(0)},
                       {"columns", slice.image.size(1)},
                       {"case", slice.case_index},
                       {"phase", slice.phase_index},
                       {"slice", slice.slice_index},
                       {"spacing_mm", slice.spacing_mm},
                       {"pitch_mm", slice.pitch_mm},
                       {"synthetic", slice.is_synthetic},
                       {"image_bytes", images[n].size()},
                       {"label_bytes", labels[n].size()}});
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
    for (size_t n = 0; n < count; ++n) {
      put(images[n]);
      put(labels[n]);
    }
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

int64_t count_shared(const PackedSlices& some, const PackedSlices& others) {
  const auto pixels_of = [](const PackedSlice& slice) {
    const auto image = slice.image.contiguous();
    return std::string(static_cast<const char*>(image.data_ptr()), image.nbytes());
  };
  std::unordered_set<std::string> known;
  for (const auto& slice : others.slices) known.insert(sha256_of(pixels_of(slice)));
  return std::count_if(some.slices.begin(), some.slices.end(), [&](const PackedSlice& slice) {
    return known.count(sha256_of(pixels_of(slice))) > 0;
  });
}

PackedSlices joined(const std::vector<PackedSlices>& parts) {
  PackedSlices all;
  int64_t case_count = 0, part_count = 0;
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
      slice.part_index = part_count;
      next = std::max(next, slice.case_index + 1);
      all.slices.push_back(std::move(slice));
    }
    case_count = next;
    ++part_count;
  }
  return all;
}

}  // namespace dmcvr
