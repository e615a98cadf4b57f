// SPDX-License-Identifier: Apache-2.0
// Zip and tar files.
#include "dmcvr/io/archive.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dmcvr::fuzz::read_as_file(data, size, ".tar.gz", [](const std::filesystem::path& path) {
    if (!dmcvr::is_archive(path)) return;
    dmcvr::visit_files(path, {},
                       {[](const std::string&, std::string_view) { return true; },
                        [](const std::string&, std::string_view) {}});
  });
  return 0;
}
