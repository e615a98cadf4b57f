// SPDX-License-Identifier: Apache-2.0
// NIfTI files byte by byte, from the tables of the standard and not from the code under test.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace dmcvr::test {

struct RawNifti {
  int version = 1;
  bool is_swapped = false;
  std::vector<int64_t> dim = {3, 4, 3, 2, 1, 1, 1, 1};
  int datatype = 16;
  int bitpix = 32;
  std::vector<double> pixdim = {1, 1.5, 1.5, 10, 1, 1, 1, 1};
  double vox_offset = 0;  // 0: right behind the header
  double slope = 0, intercept = 0, toffset = 0;
  int units = 2;
  int qform_code = 0, sform_code = 1;
  std::vector<double> quatern = {0, 0, 0}, qoffset = {0, 0, 0};
  std::vector<double> srow = {1.5, 0, 0, 7, 0, 1.5, 0, 8, 0, 0, 10, 9};
  std::string magic;   // empty: the right one
  std::string voxels;  // bytes as stored

  template <typename Stored>
  void put(std::string& bytes, size_t offset, double value) const {
    const auto stored = static_cast<Stored>(value);
    char raw[sizeof(Stored)];
    std::memcpy(raw, &stored, sizeof(Stored));
    if (is_swapped) std::reverse(raw, raw + sizeof(Stored));
    bytes.replace(offset, sizeof(Stored), raw, sizeof(Stored));
  }

  // Stored values as bytes of the file's order.
  template <typename Stored>
  void set_voxels(const std::vector<Stored>& values, int code) {
    datatype = code;
    bitpix = 8 * sizeof(Stored);
    voxels.assign(values.size() * sizeof(Stored), '\0');
    for (size_t i = 0; i < values.size(); ++i) {
      char raw[sizeof(Stored)];
      std::memcpy(raw, &values[i], sizeof(Stored));
      if (is_swapped) std::reverse(raw, raw + sizeof(Stored));
      voxels.replace(i * sizeof(Stored), sizeof(Stored), raw, sizeof(Stored));
    }
  }

  std::string bytes() const {
    const bool one = version == 1;
    std::string b(one ? 352 : 544, '\0');
    const double offset = vox_offset == 0 ? static_cast<double>(b.size()) : vox_offset;
    put<int32_t>(b, 0, one ? 348 : 540);
    if (one) {
      const std::string mark = magic.empty() ? std::string("n+1\0", 4) : magic;
      b.replace(344, mark.size(), mark);
    } else {
      const std::string mark = magic.empty() ? std::string("n+2\0\r\n\032\n", 8) : magic;
      b.replace(4, mark.size(), mark);
    }
    for (size_t i = 0; i < 8; ++i) {
      one ? put<int16_t>(b, 40 + 2 * i, static_cast<double>(dim[i]))
          : put<int64_t>(b, 16 + 8 * i, static_cast<double>(dim[i]));
      one ? put<float>(b, 76 + 4 * i, pixdim[i]) : put<double>(b, 104 + 8 * i, pixdim[i]);
    }
    put<int16_t>(b, one ? 70 : 12, datatype);
    put<int16_t>(b, one ? 72 : 14, bitpix);
    one ? put<float>(b, 108, offset) : put<int64_t>(b, 168, offset);
    one ? put<float>(b, 112, slope) : put<double>(b, 176, slope);
    one ? put<float>(b, 116, intercept) : put<double>(b, 184, intercept);
    one ? put<float>(b, 136, toffset) : put<double>(b, 216, toffset);
    one ? put<uint8_t>(b, 123, units) : put<int32_t>(b, 500, units);
    one ? put<int16_t>(b, 252, qform_code) : put<int32_t>(b, 344, qform_code);
    one ? put<int16_t>(b, 254, sform_code) : put<int32_t>(b, 348, sform_code);
    for (size_t i = 0; i < 3; ++i) {
      one ? put<float>(b, 256 + 4 * i, quatern[i]) : put<double>(b, 352 + 8 * i, quatern[i]);
      one ? put<float>(b, 268 + 4 * i, qoffset[i]) : put<double>(b, 376 + 8 * i, qoffset[i]);
    }
    for (size_t i = 0; i < 12; ++i) {
      one ? put<float>(b, 280 + 4 * i, srow[i]) : put<double>(b, 400 + 8 * i, srow[i]);
    }
    return b + voxels;
  }
};

// Removed first: some file systems flush to disk when a file is cut to nothing and written again.
inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The example file with float voxels 0, 1, 2, … of its size.
inline RawNifti counting_nifti() {
  RawNifti raw;
  std::vector<float> values(4 * 3 * 2);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  raw.set_voxels(values, 16);
  return raw;
}

}  // namespace dmcvr::test
