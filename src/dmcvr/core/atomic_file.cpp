// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"

#include "dmcvr/core/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

fs::path temporary_name(const fs::path& path) {
  // A trailing slash would leave an empty file name.
  const fs::path clean = path.has_filename() ? path : path.parent_path();
  auto name = "." + clean.filename().string() + ".tmp-" + std::to_string(::getpid());
  return clean.parent_path() / name;
}

void flush_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  if (descriptor < 0) throw Error("{}: {}", path.string(), std::strerror(errno));
  const int failed = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  // Some file systems cannot flush folders; that is no loss of data by itself.
  if (failed && reason != EINVAL) throw Error("{}: {}", path.string(), std::strerror(reason));
}

fs::path parent_of(const fs::path& path) {
  return path.parent_path().empty() ? fs::path(".") : path.parent_path();
}

struct RemovedAtEnd {
  fs::path path;
  ~RemovedAtEnd() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

std::string replaced(std::string text, const std::string& old, const std::string& now) {
  for (size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + now.size())) {
    text.replace(at, old.size(), now);
  }
  return text;
}

// A folder that was not there before: a process of the same number may have left one.
fs::path new_temporary_folder(const fs::path& path) {
  const fs::path base = temporary_name(path);
  std::error_code failure;
  fs::create_directories(parent_of(base), failure);
  for (int64_t number = 0; !failure; ++number) {
    fs::path folder = base.string() + "-" + std::to_string(number);
    if (fs::create_directory(folder, failure)) return folder;
  }
  throw Error("{}: cannot be made: {}", path.string(), failure.message());
}

// Gives a folder its final name, which may be that of another one; that one then has the temporary
// name.
void put_in_place(const fs::path& temporary, const fs::path& path) {
  std::error_code failure, ignored;
  // Both at once, where the file system can.
  if (fs::exists(path) &&
      ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0)
    return;
  // Elsewhere rename() cannot replace a folder that holds files: the old one steps aside first.
  fs::path old;
  if (fs::exists(path)) {
    old = temporary;
    old += "-old";
    fs::remove_all(old, ignored);
    fs::rename(path, old, failure);
    if (failure) throw Error("{}: cannot be replaced: {}", path.string(), failure.message());
  }
  fs::rename(temporary, path, failure);
  if (failure) {
    if (!old.empty()) fs::rename(old, path, ignored);
    throw Error("{}: cannot be made: {}", path.string(), failure.message());
  }
  if (!old.empty()) fs::remove_all(old, ignored);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path), temporary_(temporary_name(path)) {
  errno = 0;
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!stream_) throw Error("{}: cannot be written: {}", path.string(), std::strerror(errno));
  errno = 0;
}

AtomicFile::~AtomicFile() {
  stream_.close();
  std::error_code ignored;
  fs::remove(temporary_, ignored);  // gone already where it was finished
}

void AtomicFile::check() const {
  if (stream_) return;
  throw Error("{}: writing failed: {}", path_.string(),
              errno ? std::strerror(errno) : "the disk may be full");
}

void AtomicFile::finish() {
  stream_.close();
  check();
  try {
    flush_to_disk(temporary_);
    fs::rename(temporary_, path_);
    flush_to_disk(parent_of(path_));
  } catch (const fs::filesystem_error& error) {
    throw Error("{}: cannot be written: {}", path_.string(), error.code().message());
  }
}

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  AtomicFile file(path);
  write(file.stream());
  file.finish();
}

void write_folder(const fs::path& path, bool replace,
                  const std::function<void(const fs::path&)>& fill) {
  const fs::path last = path.has_filename() ? path : path.parent_path();  // a trailing slash
  if (fs::exists(last) && !replace) {
    throw Error("{}: exists already; use --force to replace it", last.string());
  }
  const fs::path temporary = new_temporary_folder(last);
  const RemovedAtEnd cleaning{temporary};
  try {
    fill(temporary);
  } catch (const Error& error) {
    throw Error("{}", replaced(error.what(), temporary.string(), last.string()));
  }
  put_in_place(temporary, last);
  flush_to_disk(parent_of(last));
}

}  // namespace dmcvr
