// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/nifti_header.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace dmcvr {
namespace {

constexpr char kMagic1[] = "n+1";
constexpr char kMagic2[] = "n+2\0\r\n\032\n";

template <typename Stored>
Stored load_field(const std::string& bytes, size_t offset, bool swap) {
  char raw[sizeof(Stored)];
  std::memcpy(raw, bytes.data() + offset, sizeof(Stored));
  if (swap) std::reverse(raw, raw + sizeof(Stored));
  Stored value;
  std::memcpy(&value, raw, sizeof(Stored));
  return value;
}

// Fields of the file -> members of the header.
struct FieldReader {
  const std::string& bytes;
  bool swap;

  template <typename Stored, typename Member>
  void field(size_t offset, Member& member) const {
    member = static_cast<Member>(load_field<Stored>(bytes, offset, swap));
  }
  void text(size_t offset, size_t length, std::string& member) const {
    member = bytes.substr(offset, length).c_str();
  }
};

// Members of the header -> fields of the file.
struct FieldWriter {
  std::string& bytes;

  template <typename Stored, typename Member>
  void field(size_t offset, const Member& member) const {
    const auto value = static_cast<Stored>(member);
    std::memcpy(bytes.data() + offset, &value, sizeof(Stored));
  }
  void text(size_t offset, size_t length, const std::string& member) const {
    bytes.replace(offset, std::min(length, member.size()), member, 0, length);
  }
};

// The two layouts, each told once for both directions.
template <typename Fields, typename Header>
void nifti1_fields(const Fields& fields, Header& header) {
  for (size_t i = 0; i < 8; ++i) fields.template field<int16_t>(40 + 2 * i, header.dim[i]);
  fields.template field<int16_t>(68, header.intent_code);
  fields.template field<int16_t>(70, header.datatype);
  for (size_t i = 0; i < 8; ++i) fields.template field<float>(76 + 4 * i, header.pixdim[i]);
  fields.template field<float>(108, header.vox_offset);
  fields.template field<float>(112, header.scl_slope);
  fields.template field<float>(116, header.scl_inter);
  fields.template field<uint8_t>(123, header.xyzt_units);
  fields.template field<float>(136, header.toffset);
  fields.text(148, 80, header.descrip);
  fields.template field<int16_t>(252, header.qform_code);
  fields.template field<int16_t>(254, header.sform_code);
  for (size_t i = 0; i < 3; ++i) {
    fields.template field<float>(256 + 4 * i, header.quatern[i]);
    fields.template field<float>(268 + 4 * i, header.qoffset[i]);
    for (size_t j = 0; j < 4; ++j)
      fields.template field<float>(280 + 16 * i + 4 * j, header.srow[i][j]);
  }
}

template <typename Fields, typename Header>
void nifti2_fields(const Fields& fields, Header& header) {
  fields.template field<int16_t>(12, header.datatype);
  for (size_t i = 0; i < 8; ++i) fields.template field<int64_t>(16 + 8 * i, header.dim[i]);
  for (size_t i = 0; i < 8; ++i) fields.template field<double>(104 + 8 * i, header.pixdim[i]);
  fields.template field<int64_t>(168, header.vox_offset);
  fields.template field<double>(176, header.scl_slope);
  fields.template field<double>(184, header.scl_inter);
  fields.template field<double>(216, header.toffset);
  fields.text(240, 80, header.descrip);
  fields.template field<int32_t>(344, header.qform_code);
  fields.template field<int32_t>(348, header.sform_code);
  for (size_t i = 0; i < 3; ++i) {
    fields.template field<double>(352 + 8 * i, header.quatern[i]);
    fields.template field<double>(376 + 8 * i, header.qoffset[i]);
    for (size_t j = 0; j < 4; ++j)
      fields.template field<double>(400 + 32 * i + 8 * j, header.srow[i][j]);
  }
  fields.template field<int32_t>(500, header.xyzt_units);
  fields.template field<int32_t>(504, header.intent_code);
}

// Version and byte order from the first field, which is the length of the header itself.
void find_layout(NiftiHeader& header, const std::string& bytes, const std::string& name) {
  if (bytes.size() < kNifti1Bytes) {
    throw Error("{}: {} bytes are too few for a NIfTI header of {}", name, bytes.size(),
                kNifti1Bytes);
  }
  for (const bool swap : {false, true}) {
    const auto length = load_field<int32_t>(bytes, 0, swap);
    if (length != kNifti1Bytes && length != kNifti2Bytes) continue;
    header.version = length == kNifti1Bytes ? 1 : 2;
    header.is_swapped = swap;
    if (static_cast<int64_t>(bytes.size()) < length) {
      throw Error("{}: {} bytes are too few for a NIfTI-2 header of {}", name, bytes.size(),
                  kNifti2Bytes);
    }
    return;
  }
  if (bytes.compare(128, 4, "DICM") == 0) {
    throw Error("{}: is a DICOM file, a NIfTI file (.nii, .nii.gz) is expected", name);
  }
  throw Error("{}: is not a NIfTI file: it does not begin with a header length of {} or {}", name,
              kNifti1Bytes, kNifti2Bytes);
}

void check_magic(const NiftiHeader& header, const std::string& bytes, const std::string& name) {
  const bool is_first = header.version == 1;
  const size_t offset = is_first ? 344 : 4;
  if (bytes.compare(offset, is_first ? 4 : 8, is_first ? kMagic1 : kMagic2, is_first ? 4 : 8) == 0)
    return;
  if (bytes.compare(offset, 3, "ni1") == 0 || bytes.compare(offset, 3, "ni2") == 0) {
    throw Error(
        "{}: is half of a .hdr/.img pair, which is not read; convert the pair to one .nii.gz file",
        name);
  }
  throw Error(
      "{}: has no NIfTI mark ('n+{}'); Analyze files say nothing of orientation and are not read",
      name, header.version);
}

void check_dimensions(NiftiHeader& header, const std::string& name) {
  auto& dim = header.dim;
  if (dim[0] < 1 || dim[0] > 7) {
    throw Error("{}: the header counts {} dimensions, 1 to 7 are possible; the file is damaged",
                name, dim[0]);
  }
  for (int64_t axis = dim[0] + 1; axis < 8; ++axis) dim[axis] = 1;

  int64_t count = 1;
  for (int axis = 1; axis < 8; ++axis) {
    if (dim[axis] < 1) {
      throw Error("{}: the header gives dimension {} a size of {}; the file is damaged", name, axis,
                  dim[axis]);
    }
    if (axis > 4 && dim[axis] > 1) {
      throw Error(
          "{}: dimension {} has size {}; images of columns, rows, slices and phases are read, with "
          "one value per voxel",
          name, axis, dim[axis]);
    }
    if (dim[axis] > kMostNiftiVoxels / count) {
      throw Error("{}: the header promises {}x{}x{}x{} voxels, at most {} are read", name, dim[1],
                  dim[2], dim[3], dim[4], kMostNiftiVoxels);
    }
    count *= dim[axis];
  }
}

void check_spacing(NiftiHeader& header, const std::string& name) {
  for (int axis = 1; axis <= 3; ++axis) {
    double& spacing = header.pixdim[axis];
    const bool may_lack = header.dim[axis] == 1;
    if (axis > header.dim[0]) spacing = 0;
    if (std::isfinite(spacing) && (spacing > 0 || (may_lack && spacing == 0))) continue;
    throw Error("{}: the header gives axis {} a spacing of {}; a positive number is expected", name,
                axis, spacing);
  }
}

void check_storage(const NiftiHeader& header, int64_t bits, const std::string& name) {
  const auto voxel_bytes = nifti_voxel_bytes(header.datatype);
  if (!voxel_bytes) {
    throw Error(
        "{}: data type {} is not read; whole numbers of 8 to 64 bits and float32 or float64 are "
        "(no colors, no complex numbers)",
        name, header.datatype);
  }
  if (bits != 8 * *voxel_bytes) {
    throw Error("{}: the header gives data type {} {} bits, it has {}; the file is damaged", name,
                header.datatype, bits, 8 * *voxel_bytes);
  }
  const double offset = header.vox_offset;
  const double header_bytes =
      static_cast<double>(header.version == 1 ? kNifti1Bytes : kNifti2Bytes);
  if (!(offset >= header_bytes && offset < 0x1p53 && offset == std::floor(offset))) {
    throw Error(
        "{}: the header puts the voxels at byte {}, it ends itself at {}; the file is damaged",
        name, offset, header_bytes);
  }
}

}  // namespace

std::optional<int64_t> nifti_voxel_bytes(int64_t datatype) {
  switch (datatype) {
    case 2:    // uint8
    case 256:  // int8
      return 1;
    case 4:    // int16
    case 512:  // uint16
      return 2;
    case 8:    // int32
    case 768:  // uint32
    case 16:   // float32
      return 4;
    case 1024:  // int64
    case 1280:  // uint64
    case 64:    // float64
      return 8;
    default:
      return std::nullopt;
  }
}

NiftiHeader parse_nifti_header(const std::string& bytes, const std::string& name) {
  NiftiHeader header;
  find_layout(header, bytes, name);
  check_magic(header, bytes, name);

  const FieldReader fields{bytes, header.is_swapped};
  int64_t bits = 0;
  fields.field<int16_t>(header.version == 1 ? 72 : 14, bits);
  if (header.version == 1) {
    nifti1_fields(fields, header);
  } else {
    nifti2_fields(fields, header);
  }

  check_dimensions(header, name);
  check_spacing(header, name);
  check_storage(header, bits, name);
  return header;
}

std::string to_bytes(const NiftiHeader& header) {
  const bool is_first = header.version == 1;
  std::string bytes(static_cast<size_t>(is_first ? kNifti1Bytes : kNifti2Bytes), '\0');
  const FieldWriter fields{bytes};
  fields.field<int32_t>(0, bytes.size());
  fields.field<int16_t>(is_first ? 72 : 14, 8 * nifti_voxel_bytes(header.datatype).value());
  if (is_first) {
    bytes.replace(344, 4, kMagic1, 4);
    nifti1_fields(fields, header);
  } else {
    bytes.replace(4, 8, kMagic2, 8);
    nifti2_fields(fields, header);
  }
  return bytes;
}

}  // namespace dmcvr
