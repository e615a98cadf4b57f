// SPDX-License-Identifier: Apache-2.0
// Zip archives for tests.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace dmcvr::test {

// Names in the archive and what they hold.
using ZipFiles = std::vector<std::pair<std::string, std::string>>;

inline void write_zip(const std::filesystem::path& path, const ZipFiles& files) {
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_open_filename(writer, path.c_str());
  archive_entry* entry = archive_entry_new();
  for (const auto& [name, content] : files) {
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
  }
  archive_entry_free(entry);
  archive_write_free(writer);
}

}  // namespace dmcvr::test
