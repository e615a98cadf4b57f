// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dmcvr {

// Bytes that the system could give without swapping, within the limit of the control group
// (container, batch job) if there is one; 0 where it does not say.
int64_t available_memory_bytes();

}  // namespace dmcvr
