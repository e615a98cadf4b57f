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

// Lets `fill` put files into a folder with a temporary name, which then becomes `path`. After an
// exception all of it is gone, and what was at `path` is as before; an Error of `fill` names files
// by their final place. Throws Error if `path` exists and `replace` is false, or if the folder
// cannot be made.
void write_folder(const std::filesystem::path& path, bool replace,
                  const std::function<void(const std::filesystem::path& temporary)>& fill);

}  // namespace dmcvr
