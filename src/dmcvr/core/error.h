// SPDX-License-Identifier: Apache-2.0
// What went wrong in the world: a file, a header, an option, an empty label. Broken promises
// between our own functions are TORCH_CHECKs instead.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace dmcvr {

// One line for the user: the thing, the value found, the value expected, the way out. Ids of
// participants are taken out (participant.h).
//   throw Error("{}: 1 slice, at least 2 are needed", path);
class Error : public std::runtime_error {
 public:
  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : Error(Line{fmt::format(format, std::forward<Args>(args)...)}) {}

  // The same error with "context: " before it, for the levels that know more (path, case name).
  Error in(const std::string& context) const;

 private:
  struct Line {
    std::string text;
  };
  explicit Error(const Line& line);
};

}  // namespace dmcvr
