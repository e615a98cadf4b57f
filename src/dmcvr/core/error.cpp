// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/error.h"

namespace dmcvr {

Error::Error(const Line& line) : std::runtime_error(line.text) {}

Error Error::in(const std::string& context) const {
  return Error(Line{context + ": " + what()});
}

}  // namespace dmcvr
