// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/io/gzip.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/io/nifti_grid.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <optional>
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

}  // namespace

// Header, four bytes that say "no extensions", voxels.
class VoxelFile {
 public:
  VoxelFile(const fs::path& path, NiftiHeader header, const NiftiWriteOptions& options)
      : file_(checked(path, options)) {
    if (*std::max_element(header.dim.begin(), header.dim.end()) > kLargestNifti1Size) {
      header.version = 2;
      header.vox_offset = 544;
    }
    if (path.extension() == ".gz") gzip_.emplace(file_.stream(), options.compression_level);
    const std::string begin = to_bytes(header) + std::string(4, '\0');
    write(begin.data(), begin.size());
  }

  void write(const torch::Tensor& voxels) {
    const auto data = voxels.contiguous();
    write(data.data_ptr(), data.nbytes());
  }

  void finish() {
    if (gzip_) gzip_->finish();
    file_.finish();
  }

 private:
  static const fs::path& checked(const fs::path& path, const NiftiWriteOptions& options) {
    options.check();
    const bool is_compressed = path.extension() == ".gz" && path.stem().extension() == ".nii";
    if (!is_compressed && path.extension() != ".nii") {
      throw Error("{}: a name ending in .nii or .nii.gz is expected", path.string());
    }
    return path;
  }

  void write(const void* data, size_t bytes) {
    if (gzip_) {
      gzip_->write(data, bytes);
    } else {
      file_.stream().write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
    }
    file_.check();
  }

  AtomicFile file_;
  std::optional<GzipWriter> gzip_;
};

namespace {

void set_phases(NiftiHeader& header, int64_t count, const std::vector<double>& times_ms) {
  TORCH_CHECK(times_ms.empty() || static_cast<int64_t>(times_ms.size()) == count,
              "write_nifti: ", times_ms.size(), " times for ", count, " phases");
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
  VoxelFile file(path, header, options);
  for (int64_t t = 0; t < cine.phase_count(); ++t)
    file.write(is_short ? cine.voxels[t].to(torch::kInt16) : cine.voxels[t]);
  file.finish();
}

void write_nifti(const fs::path& path, const Labels& labels, const NiftiWriteOptions& options) {
  labels.check();
  NiftiHeader header;
  set_grid(header, labels.grid);
  set_phases(header, labels.phase_count(), options.times_ms);
  header.datatype = kStoredUint8;
  header.intent_code = kLabelIntent;
  header.descrip =
      options.descrip.empty() ? to_string(labels.table).substr(0, 79) : options.descrip;
  VoxelFile file(path, header, options);
  for (int64_t t = 0; t < labels.phase_count(); ++t) file.write(labels.voxels[t]);
  file.finish();
}

struct NiftiFilm::State {
  State(const fs::path& path, const NiftiHeader& header, const NiftiWriteOptions& options)
      : file(path, header, options) {}

  VoxelFile file;
  Grid grid;
  int64_t phases_left = 0;
};

NiftiFilm::NiftiFilm(const fs::path& path, const Grid& grid, int64_t phase_count,
                     const std::vector<double>& times_ms, const NiftiWriteOptions& options) {
  NiftiHeader header;
  set_grid(header, grid);
  set_phases(header, phase_count, times_ms);
  header.datatype = kStoredFloat32;
  header.descrip = options.descrip;
  state_ = std::make_unique<State>(path, header, options);
  state_->grid = grid;
  state_->phases_left = phase_count;
}

NiftiFilm::~NiftiFilm() = default;

void NiftiFilm::add(const torch::Tensor& voxels) {
  Volume{state_->grid, voxels}.check();
  TORCH_CHECK(state_->phases_left-- > 0, "NiftiFilm: more phases than the header says");
  TORCH_CHECK(voxels.isfinite().all().item<bool>(), "NiftiFilm: voxels are not finite");
  state_->file.write(voxels);
}

void NiftiFilm::finish() {
  TORCH_CHECK(state_->phases_left == 0, "NiftiFilm: ", state_->phases_left, " phases are missing");
  state_->file.finish();
}

}  // namespace dmcvr
