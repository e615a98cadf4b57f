// SPDX-License-Identifier: Apache-2.0
// The files below a folder, or inside a zip or tar (plain, gzip): one after the other, in memory.
// Names in an archive that are absolute or lead upwards are refused: such an archive is no study,
// and whoever puts files under their names (study/packed_nifti.h) relies on it. Names are UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace dmcvr {

// What an archive may hold, since a small one can expand without end.
struct ArchiveLimits {
  int64_t entries = 200000;
  double entry_mib = 2048;  // of one file; in folders, too
  double total_mib = 65536;
  double ratio = 200;  // of all expanded bytes to those of the archive
};

ArchiveLimits no_archive_limits();  // for an archive that somebody trusts

struct FileVisit {
  // Told the name, with folders and `/` between, and the first bytes (256, or all of fewer):
  // whether to read the rest.
  std::function<bool(const std::string& name, std::string_view first_bytes)> wants;
  std::function<void(const std::string& name, std::string_view bytes)> visit;
  std::function<bool()> is_enough = {};  // asked after each file; true ends the visit
  // Asked before the rest, with the name alone: false leaves the file out without reading any of
  // it.
  std::function<bool(const std::string& name)> wants_name = {};
};

// By its first bytes: zip, tar, or gzip that is a tar by its name.
bool is_archive(const std::filesystem::path& path);

// Folders in the order of their names, hidden files left out; archives in their own order. Links
// and devices in archives are passed over, archives in archives are files like others. Throws
// Error, in one line that begins with the path: for what cannot be read, damaged or encrypted
// archives, names that are absolute or lead upwards, and archives beyond the limits.
void visit_files(const std::filesystem::path& path, const ArchiveLimits& limits,
                 const FileVisit& work);

}  // namespace dmcvr
