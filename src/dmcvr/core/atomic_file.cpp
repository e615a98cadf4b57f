// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/atomic_file.h"

#include "dmcvr/core/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

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

}  // namespace

void write_file(const fs::path& path, const std::function<void(std::ostream&)>& write) {
  const fs::path temporary = temporary_name(path);
  try {
    errno = 0;
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    if (!stream) throw Error("{}: cannot be written: {}", path.string(), std::strerror(errno));
    errno = 0;
    write(stream);
    stream.close();
    if (!stream) {
      throw Error("{}: writing failed: {}", path.string(),
                  errno ? std::strerror(errno) : "the disk may be full");
    }
    flush_to_disk(temporary);
    fs::rename(temporary, path);
    flush_to_disk(parent_of(path));
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw Error("{}: cannot be written: {}", path.string(), error.code().message());
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

AtomicFolder::AtomicFolder(fs::path path, bool replace)
    : final_(path.has_filename() ? std::move(path) : path.parent_path()),
      temporary_(temporary_name(final_)),
      replace_(replace) {
  if (fs::exists(final_) && !replace_) {
    throw Error("{}: exists already; use --force to replace it", final_.string());
  }
  std::error_code failure;
  fs::remove_all(temporary_, failure);
  fs::create_directories(temporary_, failure);
  if (failure) throw Error("{}: cannot be made: {}", final_.string(), failure.message());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  std::error_code failure;
  // rename() cannot replace a folder that holds files: the old one steps aside first.
  fs::path old;
  if (replace_ && fs::exists(final_)) {
    old = temporary_;
    old += "-old";
    fs::rename(final_, old, failure);
    if (failure) throw Error("{}: cannot be replaced: {}", final_.string(), failure.message());
  }
  fs::rename(temporary_, final_, failure);
  if (failure) {
    std::error_code ignored;
    if (!old.empty()) fs::rename(old, final_, ignored);
    throw Error("{}: cannot be made: {}", final_.string(), failure.message());
  }
  committed_ = true;
  if (!old.empty()) fs::remove_all(old, failure);
  flush_to_disk(parent_of(final_));
}

}  // namespace dmcvr
