// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/run_log.h"

#include "dmcvr/core/error.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace dmcvr {
namespace {

void append_text(const std::filesystem::path& path, const std::string& text) {
  errno = 0;
  std::ofstream stream(path, std::ios::binary | std::ios::app);
  stream << text << std::flush;
  if (!stream) {
    throw Error("{}: cannot be written: {}", path.string(),
                errno ? std::strerror(errno) : "the disk may be full");
  }
}

bool ends_within_a_line(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream || stream.tellg() == std::streampos(0)) return false;
  stream.seekg(-1, std::ios::end);
  return stream.get() != '\n';
}

}  // namespace

RunLog::RunLog(std::filesystem::path path) : path_(std::move(path)) {
  append_text(path_, ends_within_a_line(path_) ? "\n" : "");
}

void RunLog::write(const nlohmann::json& line) const {
  append_text(path_, line.dump() + "\n");
}

std::vector<nlohmann::json> read_run_log(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) throw Error("{}: cannot be read", path.string());
  std::vector<nlohmann::json> lines;
  for (std::string text; std::getline(stream, text);) {
    auto line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (line.is_object()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dmcvr
