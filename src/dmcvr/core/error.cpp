// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/error.h"

#include "dmcvr/core/participant.h"

namespace dmcvr {

Error::Error(const Line& line) : std::runtime_error(without_ids(line.text)) {}

Error Error::in(const std::string& context) const {
  return Error(Line{context + ": " + what()});
}

}  // namespace dmcvr
