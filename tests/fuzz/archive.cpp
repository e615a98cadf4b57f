// SPDX-License-Identifier: Apache-2.0
// Zip and tar files. No name that is visited leads out of a folder.
#include "dmcvr/io/archive.h"

#include "fuzz/fuzz.h"

#include <cstdlib>

namespace {

void expect_inside(const std::string& name) {
  const auto path = std::filesystem::path(name).lexically_normal();
  if (path.is_absolute() || path.empty() || *path.begin() == "..") std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dmcvr::fuzz::read_as_file(data, size, ".tar.gz", [](const std::filesystem::path& path) {
    if (!dmcvr::is_archive(path)) return;
    dmcvr::visit_files(path, {},
                       {[](const std::string& name, std::string_view) {
                          expect_inside(name);
                          return true;
                        },
                        [](const std::string&, std::string_view) {}});
  });
  return 0;
}
