// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dmcvr {

// Bytes that the system could give without swapping; 0 where it does not say.
int64_t available_memory_bytes();

}  // namespace dmcvr
