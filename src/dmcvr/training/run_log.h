// SPDX-License-Identifier: Apache-2.0
// log.jsonl: one JSON object per line, only ever appended to. A resumed run goes on in the same
// file.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <vector>

namespace dmcvr {

class RunLog {
 public:
  // Creates the file if it is missing; ends a line that a killed run left unfinished. Throws Error
  // if the file cannot be written.
  explicit RunLog(std::filesystem::path path);

  // One line, in the file when the call returns.
  void write(const nlohmann::json& line) const;

 private:
  std::filesystem::path path_;
};

// All complete lines in order; lines that a killed run left unfinished are skipped.
std::vector<nlohmann::json> read_run_log(const std::filesystem::path& path);

}  // namespace dmcvr
