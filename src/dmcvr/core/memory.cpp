// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/memory.h"

#include <fstream>
#include <string>

namespace dmcvr {

int64_t available_memory_bytes() {
  std::ifstream stream("/proc/meminfo");
  std::string word;
  while (stream >> word) {
    int64_t kibibytes = 0;
    if (word == "MemAvailable:" && stream >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace dmcvr
