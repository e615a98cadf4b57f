// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: bytes as a file, and the only exception that bad input may cause.
#pragma once

#include "dmcvr/core/error.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace dmcvr::fuzz {

// Writes the bytes to a file in memory and reads it by `read`. An Error is the right answer to
// damage; anything else that leaves `read` is a finding.
template <typename Read>
void read_as_file(const uint8_t* data, size_t size, const char* ending, const Read& read) {
  static const std::filesystem::path path =
      "/dev/shm/dmcvr_fuzz_" + std::to_string(::getpid()) + ending;
  spdlog::set_level(spdlog::level::off);
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    read(path);
  } catch (const Error&) {
  }
  std::filesystem::remove(path);
}

}  // namespace dmcvr::fuzz
