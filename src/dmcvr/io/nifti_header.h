// SPDX-License-Identifier: Apache-2.0
// The header of a NIfTI-1 or NIfTI-2 file: 348 or 540 bytes in either byte order.
// https://nifti.nimh.nih.gov
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace dmcvr {

struct NiftiHeader {
  int64_t version = 1;      // 1 or 2
  bool is_swapped = false;  // written by a machine of the other byte order
  std::array<int64_t, 8> dim = {3, 1, 1, 1, 1, 1, 1, 1};    // [0] counts those in use
  std::array<double, 8> pixdim = {1, 1, 1, 1, 1, 1, 1, 1};  // [0] is qfac; 0 where unknown
  int64_t datatype = 16;                                    // code of the standard; 16 is float32
  double vox_offset = 352;  // whole: the byte where the voxels begin
  double scl_slope = 0;     // 0: stored values are the values
  double scl_inter = 0;
  double toffset = 0;
  int64_t xyzt_units = 0;
  int64_t intent_code = 0;
  int64_t qform_code = 0;
  int64_t sform_code = 0;
  std::array<double, 3> quatern = {0, 0, 0};  // b, c, d
  std::array<double, 3> qoffset = {0, 0, 0};
  std::array<std::array<double, 4>, 3> srow = {};
  std::string descrip;

  int64_t voxel_count() const { return dim[1] * dim[2] * dim[3] * dim[4]; }
};

constexpr int64_t kNifti1Bytes = 348;
constexpr int64_t kNifti2Bytes = 540;
constexpr int64_t kMostNiftiVoxels = int64_t{1} << 31;  // 8 GiB as float32

// Bytes of one stored voxel, if the data type is one that is read: whole numbers of 8 to 64 bits,
// float32, float64.
std::optional<int64_t> nifti_voxel_bytes(int64_t datatype);

// The header at the beginning of `bytes`, which may be longer. Everything that the rest of the
// reader relies on is checked: magic, one to four dimensions (those not in use become 1) of not
// more than kMostNiftiVoxels together, data type, offset of the voxels, spacing. An axis of one
// voxel may have no spacing. Throws Error beginning with `name`.
NiftiHeader parse_nifti_header(const std::string& bytes, const std::string& name);

// The bytes of a header, in the order of this machine.
std::string to_bytes(const NiftiHeader& header);

}  // namespace dmcvr
