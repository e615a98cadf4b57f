// SPDX-License-Identifier: Apache-2.0
// Files and folders that appear complete or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>

namespace dmcvr {

// Lets `write` fill a file with a temporary name beside `path`, flushes it to disk and renames it
// to `path`, replacing what was there. After an exception, a full disk included, `path` is as
// before and the temporary file is gone. Throws Error when the file cannot be created, written or
// renamed.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

// A folder with a temporary name that takes its final one on commit(). Without commit() it is
// removed with all it holds.
class AtomicFolder {
 public:
  // Throws Error if `path` exists and `replace` is false, or if the folder cannot be made.
  AtomicFolder(std::filesystem::path path, bool replace);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  // Where to write meanwhile.
  const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path temporary_;
  bool replace_;
  bool committed_ = false;
};

}  // namespace dmcvr
