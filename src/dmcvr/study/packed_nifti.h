// SPDX-License-Identifier: Apache-2.0
// NIfTI in a zip or tar, as public sets travel. Their layouts are names of files and folders, so
// the files of a case lie in a private temporary folder while it is read (decision 21). Archives
// with DICOM are none of these: they are read as they are.
#pragma once

#include "dmcvr/io/archive.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace dmcvr {

// "set.zip/training/patient001": a file or folder in an archive, or all of it.
struct PackedPlace {
  std::filesystem::path archive;
  std::filesystem::path inside;  // empty: all of it
};

// Where a path leads to, or through, an archive that holds NIfTI files and no DICOM; nothing for
// other paths, and for archives that cannot be read.
std::optional<PackedPlace> packed_place(const std::filesystem::path& path,
                                        const ArchiveLimits& limits = {});

// The files at a place in an archive, and small tables and descriptions (.json, .cfg, .csv, .txt)
// from anywhere in it, under their names in a folder that only this user may read; gone with this
// object. Beside a single file lie those whose names begin alike, as labels do.
class UnpackedNifti {
 public:
  // With `names_only` NIfTI files are empty, which is enough to tell layouts. Throws Error as
  // visit_files does, for a place that the archive lacks, and for a full disk.
  UnpackedNifti(const PackedPlace& place, const ArchiveLimits& limits, bool names_only = false);
  ~UnpackedNifti();
  UnpackedNifti(const UnpackedNifti&) = delete;
  UnpackedNifti& operator=(const UnpackedNifti&) = delete;

  std::filesystem::path path() const;  // of the place
  // What lies here, as a path through the archive.
  std::filesystem::path packed(const std::filesystem::path& unpacked) const;
  // Lets `work` read here; its Errors name places in the archive.
  void read(const std::function<void()>& work) const;

 private:
  void write(const std::string& name, std::string_view bytes) const;

  PackedPlace place_;
  std::filesystem::path root_;
};

}  // namespace dmcvr
