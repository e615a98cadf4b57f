// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dmcvr {

// Bytes that the system could give without swapping, within the limit of the control group
// (version 2: container, batch job) if there is one; 0 where it does not say.
int64_t available_memory_bytes();

// More than that ends a program without a word. Throws Error, "WHAT need 3.0 GiB of memory, 2.0 GiB
// are free"; does nothing where the system does not say what is free.
void check_memory(double needed_bytes, const std::string& what);

// How many items of `item_bytes` each fit into `mib` MiB, at least one.
int64_t items_within(int64_t mib, int64_t item_bytes);

}  // namespace dmcvr
