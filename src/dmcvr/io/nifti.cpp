// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/io/gzip.h"
#include "dmcvr/io/nifti_grid.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;

namespace {

constexpr int64_t kSeconds = 8, kMilliseconds = 16, kMicroseconds = 24;
constexpr int64_t kChunkVoxels = int64_t{1} << 16;
// Memory for compressed voxels grows from here as they arrive.
constexpr int64_t kFirstVoxels = int64_t{1} << 22;

struct OpenNifti {
  std::string name;
  GzipReader reader;
  NiftiHeader header;
};

// Opened, header checked.
OpenNifti open_nifti(const fs::path& path) {
  for (const char* half : {".hdr", ".img"}) {
    if (path.extension() == half) {
      throw Error("{}: .hdr/.img pairs are not read; convert the pair to one .nii.gz file",
                  path.string());
    }
  }
  OpenNifti file{path.string(), GzipReader(path), {}};
  std::string bytes(kNifti1Bytes, '\0');
  bytes.resize(file.reader.read(bytes.data(), bytes.size()));

  // NIfTI-2 has a longer header; its first field says so in either byte order.
  if (bytes.size() == kNifti1Bytes && (bytes[0] == '\x1c' || bytes[3] == '\x1c')) {
    bytes.resize(kNifti2Bytes);
    const size_t rest = kNifti2Bytes - kNifti1Bytes;
    bytes.resize(kNifti1Bytes + file.reader.read(bytes.data() + kNifti1Bytes, rest));
  }
  file.header = parse_nifti_header(bytes, file.name);
  return file;
}

[[noreturn]] void throw_incomplete(const OpenNifti& file, uint64_t whole_slices) {
  const auto& dim = file.header.dim;
  throw Error(
      "{}: header promises {}x{}x{}{} voxels, the file holds {} of {} slices; the copy is "
      "incomplete, fetch it again",
      file.name, dim[1], dim[2], dim[3], dim[4] > 1 ? fmt::format("x{}", dim[4]) : "", whole_slices,
      dim[3] * dim[4]);
}

// No memory is taken for voxels that cannot be in the file.
void check_promise(const OpenNifti& file) {
  const auto& header = file.header;
  const int64_t voxel_bytes = nifti_voxel_bytes(header.datatype).value();
  const uint64_t offset = static_cast<uint64_t>(header.vox_offset);
  const uint64_t promised = static_cast<uint64_t>(header.voxel_count() * voxel_bytes);
  const uint64_t most = file.reader.most_bytes();
  if (offset <= most && promised <= most - offset) return;
  if (file.reader.is_compressed()) {
    throw Error(
        "{}: header promises {} bytes of voxels from byte {} on, more than {} bytes can ever "
        "unpack to; the file is damaged",
        file.name, promised, offset, fs::file_size(file.name));
  }
  const uint64_t slice_bytes = static_cast<uint64_t>(header.dim[1] * header.dim[2] * voxel_bytes);
  throw_incomplete(file, offset < most ? (most - offset) / slice_bytes : 0);
}

// Voxels of compressed files move to a larger place as they come, and are in two places meanwhile.
double needed_bytes(const OpenNifti& file, size_t voxel_bytes) {
  return static_cast<double>(file.header.voxel_count()) * static_cast<double>(voxel_bytes) *
         (file.reader.is_compressed() ? 2 : 1);
}

// Opened, checked, positioned at the first voxel, of which `voxel_bytes` will be kept.
OpenNifti open_voxels(const fs::path& path, size_t voxel_bytes) {
  OpenNifti file = open_nifti(path);
  check_promise(file);
  check_memory(needed_bytes(file, voxel_bytes), file.name + ": its voxels");
  const int64_t header_bytes = file.header.version == 1 ? kNifti1Bytes : kNifti2Bytes;
  file.reader.skip(static_cast<uint64_t>(file.header.vox_offset) -
                   static_cast<uint64_t>(header_bytes));
  return file;
}

template <typename Stored>
Stored load_voxel(const unsigned char* bytes, bool swap) {
  unsigned char raw[sizeof(Stored)];
  std::memcpy(raw, bytes, sizeof(Stored));
  if (swap) std::reverse(raw, raw + sizeof(Stored));
  Stored value;
  std::memcpy(&value, raw, sizeof(Stored));
  return value;
}

// Calls function(Stored{}) with the type of the stored voxels.
template <typename Function>
auto with_stored_type(int64_t datatype, const Function& function) {
  switch (datatype) {
    case 2:
      return function(uint8_t{});
    case 4:
      return function(int16_t{});
    case 8:
      return function(int32_t{});
    case 16:
      return function(float{});
    case 64:
      return function(double{});
    case 256:
      return function(int8_t{});
    case 512:
      return function(uint16_t{});
    case 768:
      return function(uint32_t{});
    case 1024:
      return function(int64_t{});
    case 1280:
      return function(uint64_t{});
    default:
      TORCH_CHECK(false, "data type ", datatype, " passed the check of the header");
  }
}

// All voxels in the order of the file as one row of Value. convert(stored, position) gives one.
template <typename Value, typename Stored, typename Convert>
torch::Tensor read_voxels(OpenNifti& file, const Convert& convert) {
  const int64_t count = file.header.voxel_count();
  const bool is_compressed = file.reader.is_compressed();
  auto values = torch::empty({is_compressed ? std::min(count, kFirstVoxels) : count},
                             c10::CppTypeToScalarType<Value>::value);
  std::vector<unsigned char> chunk(kChunkVoxels * sizeof(Stored));

  for (int64_t done = 0; done < count;) {
    const int64_t wanted = std::min(kChunkVoxels, count - done);
    const size_t got = file.reader.read(chunk.data(), static_cast<size_t>(wanted) * sizeof(Stored));
    if (got < static_cast<size_t>(wanted) * sizeof(Stored)) {
      const uint64_t held = static_cast<uint64_t>(done) + got / sizeof(Stored);
      throw_incomplete(file, held / static_cast<uint64_t>(file.header.dim[1] * file.header.dim[2]));
    }
    if (done + wanted > values.numel()) values.resize_({std::min(count, 2 * values.numel())});
    Value* target = values.template data_ptr<Value>() + done;
    for (int64_t i = 0; i < wanted; ++i) {
      const auto* bytes = chunk.data() + static_cast<size_t>(i) * sizeof(Stored);
      target[i] = convert(load_voxel<Stored>(bytes, file.header.is_swapped), done + i);
    }
    done += wanted;
  }

  // A compressed stream proves its bytes at its end, which lies here unless more data follow.
  file.reader.skip(1 << 20);
  if (file.reader.is_cut_off()) {
    throw Error("{}: the compressed data have no end; the copy is incomplete, fetch it again",
                file.name);
  }
  return values;
}

// Slope and intercept; 1 and 0 where the header asks for none.
struct Scaling {
  bool is_needed = false;
  double slope = 1;
  double intercept = 0;
};

Scaling scaling_of(const NiftiHeader& header, const std::string& name) {
  if (!std::isfinite(header.scl_slope) || header.scl_slope == 0) return {};
  if (!std::isfinite(header.scl_inter)) {
    throw Error(
        "{}: the header gives a slope of {} and an intercept of {}; finite numbers are expected",
        name, header.scl_slope, header.scl_inter);
  }
  const bool is_needed = header.scl_slope != 1 || header.scl_inter != 0;
  return {is_needed, header.scl_slope, header.scl_inter};
}

std::string place(const NiftiHeader& header, int64_t position) {
  const auto& dim = header.dim;
  return fmt::format("column {}, row {}, slice {}, phase {}", position % dim[1],
                     position / dim[1] % dim[2], position / (dim[1] * dim[2]) % dim[3],
                     position / (dim[1] * dim[2] * dim[3]));
}

torch::Tensor read_image_voxels(OpenNifti& file) {
  const Scaling scaling = scaling_of(file.header, file.name);
  int64_t bad = 0, first_bad = 0;
  const auto convert = [&](auto stored, int64_t position) {
    // Unscaled values go straight to float32, so that float32 stays exact.
    const float value =
        scaling.is_needed
            ? static_cast<float>(scaling.slope * static_cast<double>(stored) + scaling.intercept)
            : static_cast<float>(stored);
    if (!std::isfinite(value) && bad++ == 0) first_bad = position;
    return value;
  };
  auto voxels = with_stored_type(file.header.datatype, [&](auto type) {
    return read_voxels<float, decltype(type)>(file, convert);
  });
  if (bad > 0) {
    throw Error("{}: {} of {} voxels are not finite numbers, the first at {}; replace them before",
                file.name, bad, file.header.voxel_count(), place(file.header, first_bad));
  }
  return voxels;
}

torch::Tensor read_label_voxels(OpenNifti& file, const LabelTable& table) {
  // Float32 slopes of tools that scale labels leave at most this.
  constexpr double kRounding = 1e-4;
  constexpr size_t kMostListed = 8;
  std::array<bool, 256> is_known{};
  is_known[0] = true;
  for (const auto& [value, name] : table) {
    TORCH_CHECK(value >= 0 && value < 256, "label ", value, " does not fit into uint8");
    is_known[static_cast<size_t>(value)] = true;
  }

  const Scaling scaling = scaling_of(file.header, file.name);
  int64_t broken = 0;
  double first_broken = 0;
  std::set<double> unknown;
  const auto convert = [&](auto stored, int64_t) {
    const double value = scaling.slope * static_cast<double>(stored) + scaling.intercept;
    const double whole = std::nearbyint(value);
    if (!(std::abs(value - whole) <= kRounding)) {
      if (broken++ == 0) first_broken = value;
      return uint8_t{0};
    }
    if (!(whole >= 0 && whole <= 255 && is_known[static_cast<size_t>(whole)])) {
      if (unknown.size() <= kMostListed) unknown.insert(whole);
      return uint8_t{0};
    }
    return static_cast<uint8_t>(whole);
  };
  auto voxels = with_stored_type(file.header.datatype, [&](auto type) {
    return read_voxels<uint8_t, decltype(type)>(file, convert);
  });
  if (broken > 0) {
    throw Error("{}: {} voxels are not whole numbers, one is {}; a label image is expected",
                file.name, broken, first_broken);
  }
  if (!unknown.empty()) {
    std::string list;
    size_t listed = 0;
    for (const double value : unknown) {
      if (listed++ < kMostListed) list += fmt::format("{}{}", list.empty() ? "" : ", ", value);
    }
    throw Error("{}: label values {}{} are not in the table {}", file.name, list,
                unknown.size() > kMostListed ? " and more" : "", to_string(table));
  }
  return voxels;
}

// [T, D, H, W]: the first index of the file runs fastest.
std::array<int64_t, 4> shape_of(const NiftiHeader& header) {
  return {header.dim[4], header.dim[3], header.dim[2], header.dim[1]};
}

}  // namespace

std::vector<double> phase_times_ms(const NiftiHeader& header) {
  const int64_t unit = header.xyzt_units & 56;
  const double ms = unit == kSeconds        ? 1000
                    : unit == kMilliseconds ? 1
                    : unit == kMicroseconds ? 0.001
                                            : 0;
  const double step = header.pixdim[4];
  if (header.dim[4] < 2 || ms == 0 || !std::isfinite(step) || step <= 0) return {};
  const double start = std::isfinite(header.toffset) ? header.toffset : 0;
  std::vector<double> times;
  for (int64_t t = 0; t < header.dim[4]; ++t)
    times.push_back(ms * (start + step * static_cast<double>(t)));
  return times;
}

NiftiHeader read_nifti_header(const fs::path& path) {
  return open_nifti(path).header;
}

Cine read_nifti(const fs::path& path) {
  OpenNifti file = open_voxels(path, sizeof(float));
  const Grid grid = nifti_grid(file.header, file.name);
  return {grid, read_image_voxels(file).reshape(shape_of(file.header)),
          phase_times_ms(file.header)};
}

Labels read_nifti_labels(const fs::path& path, const LabelTable& table) {
  OpenNifti file = open_voxels(path, sizeof(uint8_t));
  const Grid grid = nifti_grid(file.header, file.name);
  return {grid, read_label_voxels(file, table).reshape(shape_of(file.header)), table};
}

}  // namespace dmcvr
