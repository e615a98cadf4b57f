// SPDX-License-Identifier: Apache-2.0
// Files and folders that appear complete or not at all.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>

namespace dmcvr {

// Lets `write` fill a file with a temporary name beside `path`, flushes it to disk and renames it
// to `path`, replacing what was there. After an exception, a full disk included, `path` is as
// before and the temporary file is gone. Throws Error when the file cannot be created, written or
// renamed.
void write_file(const std::filesystem::path& path, const std::function<void(std::ostream&)>& write);

// The same for a file that is written little by little: it appears at finish(), and without that
// it never was.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream() { return stream_; }
  void check() const;  // throws Error where the stream took something no more
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::ofstream stream_;
};

// Lets `fill` put files into a folder with a temporary name, which then becomes `path`. After an
// exception all of it is gone, and what was at `path` is as before; an Error of `fill` names files
// by their final place. Throws Error if `path` exists and `replace` is false, or if the folder
// cannot be made.
void write_folder(const std::filesystem::path& path, bool replace,
                  const std::function<void(const std::filesystem::path& temporary)>& fill);

}  // namespace dmcvr
