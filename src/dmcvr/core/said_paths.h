// SPDX-License-Identifier: Apache-2.0
// Folders that stand for a place which the user named: what is said of them names that place.
#pragma once

#include <string>
#include <string_view>

namespace dmcvr {

// While it lives, without_ids (participant.h), through which all errors and lines of the log go,
// says `said` for `path` wherever it stands.
class SaidPath {
 public:
  SaidPath(const std::string& path, const std::string& said);
  ~SaidPath();
  SaidPath(const SaidPath&) = delete;
  SaidPath& operator=(const SaidPath&) = delete;

 private:
  std::string path_;
};

std::string with_said_paths(std::string_view text);

}  // namespace dmcvr
