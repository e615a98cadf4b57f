// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/io/gzip.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/io/nifti_grid.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;

namespace {

// Codes of the standard.
constexpr int64_t kStoredFloat32 = 16, kStoredInt16 = 4, kStoredUint8 = 2;
constexpr int64_t kLabelIntent = 1002;
constexpr int64_t kTimeInMs = 16;
constexpr int64_t kLargestNifti1Size = 32767;

void write_voxels(const fs::path& path, NiftiHeader header, const torch::Tensor& voxels,
                  const NiftiWriteOptions& options) {
  options.check();
  const bool is_compressed = path.extension() == ".gz" && path.stem().extension() == ".nii";
  if (!is_compressed && path.extension() != ".nii") {
    throw Error("{}: a name ending in .nii or .nii.gz is expected", path.string());
  }
  if (*std::max_element(header.dim.begin(), header.dim.end()) > kLargestNifti1Size) {
    header.version = 2;
    header.vox_offset = 544;
  }

  // Header, four bytes that say "no extensions", voxels.
  const std::string begin = to_bytes(header) + std::string(4, '\0');
  const auto data = voxels.contiguous();
  write_file(path, [&](std::ostream& stream) {
    if (!is_compressed) {
      stream.write(begin.data(), static_cast<std::streamsize>(begin.size()));
      stream.write(static_cast<const char*>(data.data_ptr()),
                   static_cast<std::streamsize>(data.nbytes()));
      return;
    }
    GzipWriter gzip(stream, options.compression_level);
    gzip.write(begin.data(), begin.size());
    gzip.write(data.data_ptr(), data.nbytes());
    gzip.finish();
  });
}

void set_phases(NiftiHeader& header, int64_t count, const std::vector<double>& times_ms) {
  if (count < 2) return;
  header.dim[0] = 4;
  header.dim[4] = count;
  if (times_ms.empty()) return;
  header.toffset = times_ms.front();
  header.pixdim[4] = (times_ms.back() - times_ms.front()) / static_cast<double>(count - 1);
  header.xyzt_units |= kTimeInMs;
}

bool fits_int16(const torch::Tensor& voxels) {
  return voxels.min().item<float>() >= -32768 && voxels.max().item<float>() <= 32767 &&
         voxels.equal(voxels.round());
}

}  // namespace

void NiftiWriteOptions::check() const {
  if (descrip.size() > 79) throw Error("descrip: {} bytes, NIfTI holds 79", descrip.size());
  if (compression_level < 1 || compression_level > 9) {
    throw Error("compression_level: {}, 1 to 9 is expected", compression_level);
  }
}

void write_nifti(const fs::path& path, const Cine& cine, const NiftiWriteOptions& options) {
  cine.check();
  TORCH_CHECK(cine.voxels.isfinite().all().item<bool>(), "write_nifti: voxels are not finite");
  const bool is_short = fits_int16(cine.voxels);
  NiftiHeader header;
  set_grid(header, cine.grid);
  set_phases(header, cine.phase_count(), cine.times_ms);
  header.datatype = is_short ? kStoredInt16 : kStoredFloat32;
  header.descrip = options.descrip;
  write_voxels(path, header, is_short ? cine.voxels.to(torch::kInt16) : cine.voxels, options);
}

void write_nifti(const fs::path& path, const Labels& labels, const NiftiWriteOptions& options) {
  labels.check();
  NiftiHeader header;
  set_grid(header, labels.grid);
  set_phases(header, labels.phase_count(), {});
  header.datatype = kStoredUint8;
  header.intent_code = kLabelIntent;
  header.descrip =
      options.descrip.empty() ? to_string(labels.table).substr(0, 79) : options.descrip;
  write_voxels(path, header, labels.voxels, options);
}

}  // namespace dmcvr
