// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/archive.h"

#include "dmcvr/core/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr size_t kFirstBytes = 256;
constexpr double kMiB = 1024.0 * 1024;
constexpr int64_t kFreeBytes = 1 << 20;  // however small the archive
constexpr int kDeepestFolder = 16;

std::string first_bytes_of(const fs::path& path, size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

// ---- folders ----

void visit_one(const fs::path& path, const std::string& name, const ArchiveLimits& limits,
               const FileVisit& work) {
  if (work.wants_name && !work.wants_name(name)) return;
  const std::string first = first_bytes_of(path, kFirstBytes);
  if (!work.wants(name, first)) return;
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  if (!failure && static_cast<double>(size) > limits.entry_mib * kMiB)
    throw Error("{}: {:.0f} MiB, at most {:.0f} are read", path.string(),
                static_cast<double>(size) / kMiB, limits.entry_mib);
  std::ifstream file(path, std::ios::binary);
  std::string bytes(failure ? 0 : size, '\0');
  if (failure || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw Error("{}: cannot be read", path.string());
  work.visit(name, bytes);
}

bool is_over(const FileVisit& work) {
  return work.is_enough && work.is_enough();
}

void visit_folder(const fs::path& folder, const std::string& prefix, int depth,
                  const ArchiveLimits& limits, const FileVisit& work) {
  std::error_code failure;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    entries.push_back(entry->path());
  if (failure) throw Error("{}: {}", folder.string(), failure.message());
  std::sort(entries.begin(), entries.end());
  for (const auto& path : entries) {
    const std::string name = path.filename().string();
    if (name.front() == '.') continue;
    if (is_over(work)) return;
    std::error_code unknown;
    if (fs::is_regular_file(path, unknown)) {
      visit_one(path, prefix + name, limits, work);
    } else if (fs::is_directory(path, unknown) && !fs::is_symlink(path) && depth < kDeepestFolder) {
      visit_folder(path, prefix + name + '/', depth + 1, limits, work);
    }
  }
}

// ---- archives ----

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

std::string reason_of(archive* reader) {
  const char* text = archive_error_string(reader);
  return text == nullptr ? "unknown reason" : text;
}

Reader opened(const fs::path& path) {
  Reader reader(archive_read_new(), archive_read_free);
  if (!reader) throw Error("{}: out of memory", path.string());
  archive_read_support_format_zip(reader.get());
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK)
    throw Error("{}: no archive that can be read: {}", path.string(), reason_of(reader.get()));
  return reader;
}

std::string checked_name(const fs::path& path, archive_entry* entry) {
  const char* raw = archive_entry_pathname(entry);
  if (raw == nullptr) raw = archive_entry_pathname_utf8(entry);
  if (raw == nullptr || *raw == '\0') throw Error("{}: a file without a name", path.string());
  std::string name = raw;
  const bool is_upwards = name == ".." || name.rfind("../", 0) == 0 ||
                          name.find("/../") != std::string::npos ||
                          (name.size() > 3 && name.compare(name.size() - 3, 3, "/..") == 0);
  const bool is_absolute =
      name.front() == '/' || name.find('\\') != std::string::npos || name.find(':') == 1;
  if (is_upwards || is_absolute)
    throw Error("{}: a name in it is absolute or leads upwards; not read", path.string());
  return name;
}

// Counts what comes out, and stops where it becomes too much.
class Expanded {
 public:
  Expanded(const fs::path& path, const ArchiveLimits& limits) : path_(path), limits_(limits) {
    most_ = std::min(limits.total_mib * kMiB,
                     std::max(static_cast<double>(fs::file_size(path)) * limits.ratio,
                              static_cast<double>(kFreeBytes)));
  }

  void begin_entry() {
    entry_ = 0;
    if (++entries_ > limits_.entries) refuse(fmt::format("more than {} files", limits_.entries));
  }
  void add(size_t bytes) {
    entry_ += static_cast<double>(bytes);
    total_ += static_cast<double>(bytes);
    if (entry_ > limits_.entry_mib * kMiB)
      refuse(fmt::format("a file of more than {:.0f} MiB", limits_.entry_mib));
    if (total_ > most_) refuse(fmt::format("it expands to more than {:.0f} MiB", most_ / kMiB));
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error("{}: {}; if you trust it, --trust-archives reads it", path_.string(), what);
  }

  const fs::path& path_;
  const ArchiveLimits& limits_;
  double most_ = 0, entry_ = 0, total_ = 0;
  int64_t entries_ = 0;
};

// libarchive turns names into those of the program's locale, and has none to give where that lacks
// a letter.
class Utf8Names {
 public:
  Utf8Names() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) before_ = ::uselocale(locale_);
  }
  ~Utf8Names() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t locale_;
  locale_t before_ = nullptr;
};

void visit_archive(const fs::path& path, const ArchiveLimits& limits, const FileVisit& work) {
  const Utf8Names names;
  const Reader reader = opened(path);
  Expanded expanded(path, limits);
  std::vector<char> block(1 << 16);
  while (!is_over(work)) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      throw Error("{}: a damaged archive: {}", path.string(), reason_of(reader.get()));
    expanded.begin_entry();
    const std::string name = checked_name(path, entry);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        archive_entry_symlink(entry) != nullptr)
      continue;
    if (archive_entry_is_encrypted(entry) != 0)
      throw Error("{}: encrypted; unpack it first", path.string());
    if (work.wants_name && !work.wants_name(name)) continue;

    std::string bytes;
    bool is_wanted = true, is_asked = false;
    for (;;) {
      const la_ssize_t count = archive_read_data(reader.get(), block.data(), block.size());
      if (count < 0)
        throw Error("{}: a damaged archive: {}", path.string(), reason_of(reader.get()));
      expanded.add(static_cast<size_t>(count));
      bytes.append(block.data(), static_cast<size_t>(count));
      if (!is_asked && (bytes.size() >= kFirstBytes || count == 0)) {
        is_asked = true;
        is_wanted = work.wants(name, std::string_view(bytes).substr(0, kFirstBytes));
      }
      if (count == 0 || !is_wanted) break;
    }
    if (is_wanted) work.visit(name, bytes);
  }
}

}  // namespace

ArchiveLimits no_archive_limits() {
  return {int64_t{1} << 40, 1e12, 1e12, 1e12};
}

bool is_archive(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return false;
  const std::string bytes = first_bytes_of(path, 512);
  const auto begins = [&](std::string_view magic, size_t at) {
    return bytes.size() >= at + magic.size() && bytes.compare(at, magic.size(), magic) == 0;
  };
  if (begins("PK\x03\x04", 0) || begins("ustar", 257)) return true;
  const std::string name = path.filename().string();
  const auto ends = [&](std::string_view ending) {
    return name.size() > ending.size() &&
           name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
  };
  return begins("\x1f\x8b", 0) && (ends(".tar.gz") || ends(".tgz"));
}

void visit_files(const fs::path& path, const ArchiveLimits& limits, const FileVisit& work) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    visit_folder(path, "", 0, limits, work);
  } else if (fs::is_regular_file(path, failure)) {
    visit_archive(path, limits, work);
  } else {
    throw Error("{}: no such file or folder", path.string());
  }
}

}  // namespace dmcvr
