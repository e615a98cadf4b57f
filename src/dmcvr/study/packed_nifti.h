// SPDX-License-Identifier: Apache-2.0
// NIfTI in a zip or tar, as public sets travel. Their layouts are names of files and folders, so
// the files of a case lie in a private temporary folder while it is read (decision 21). Archives
// with DICOM are read as they are.
#pragma once

#include "dmcvr/core/said_paths.h"
#include "dmcvr/io/archive.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dmcvr {

// "set.zip/training/patient001": a file or folder in an archive, or all of it.
struct PackedPlace {
  std::filesystem::path archive;
  std::filesystem::path inside;  // empty: all of it
};

// Where a path leads to an archive that holds NIfTI files and no DICOM, or through one that holds
// NIfTI files; nothing for other paths, and for archives that cannot be read. Throws Error, in one
// line that begins with the archive, for a path through one that cannot be read.
std::optional<PackedPlace> packed_place(const std::filesystem::path& path,
                                        const ArchiveLimits& limits = {});

// The NIfTI files at a place in an archive, and descriptions and tables (.json, .cfg, .csv, .txt)
// there and in the folders around it, under their names in a folder that only this user may enter;
// gone with this object. Beside a single file lie those whose names begin alike, as labels do.
// What is said of them meanwhile names them in the archive.
class UnpackedNifti {
 public:
  // With `names_only` NIfTI files are empty, which is enough to tell layouts. Throws Error as
  // visit_files does, for a place that the archive lacks, and for a temporary folder that is none
  // or full.
  UnpackedNifti(const PackedPlace& place, const ArchiveLimits& limits, bool names_only = false);
  ~UnpackedNifti();
  UnpackedNifti(const UnpackedNifti&) = delete;
  UnpackedNifti& operator=(const UnpackedNifti&) = delete;

  std::filesystem::path path() const;  // of the place
  // What lies here, as a path through the archive.
  std::filesystem::path packed(const std::filesystem::path& unpacked) const;

 private:
  void unpack(const ArchiveLimits& limits, bool names_only) const;
  void write(const std::string& name, std::string_view bytes) const;

  PackedPlace place_;
  std::filesystem::path root_;  // the temporary folder
  std::filesystem::path top_;   // in it: the archive
  std::unique_ptr<SaidPath> said_;
};

}  // namespace dmcvr
