// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/said_paths.h"

#include <map>
#include <mutex>

namespace dmcvr {
namespace {

std::mutex said_mutex;
std::map<std::string, std::string> said_of;

}  // namespace

SaidPath::SaidPath(const std::string& path, const std::string& said) : path_(path) {
  const std::lock_guard lock(said_mutex);
  said_of[path] = said;
}

SaidPath::~SaidPath() {
  const std::lock_guard lock(said_mutex);
  said_of.erase(path_);
}

std::string with_said_paths(std::string_view text) {
  std::string result(text);
  const std::lock_guard lock(said_mutex);
  for (const auto& [path, said] : said_of) {
    for (size_t at = result.find(path); at != std::string::npos;
         at = result.find(path, at + said.size()))
      result.replace(at, path.size(), said);
  }
  return result;
}

}  // namespace dmcvr
