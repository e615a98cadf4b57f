// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/memory.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace dmcvr {

namespace {

int64_t system_bytes() {
  std::ifstream stream("/proc/meminfo");
  std::string word;
  while (stream >> word) {
    int64_t kibibytes = 0;
    if (word == "MemAvailable:" && stream >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

// The number that a file holds; nothing if it holds a word ("max") or is absent.
std::optional<int64_t> number_in(const std::string& path) {
  std::ifstream stream(path);
  int64_t value = 0;
  if (stream >> value) return value;
  return std::nullopt;
}

// Bytes of files that a group holds in memory and gives back when asked.
int64_t file_cache_bytes(const std::string& path) {
  std::ifstream stream(path);
  std::string word;
  int64_t value = 0, sum = 0;
  while (stream >> word >> value) {
    if (word == "active_file" || word == "inactive_file") sum += value;
  }
  return sum;
}

// Version 2: "0::/path" in /proc/self/cgroup. Every group above has its own limit.
std::optional<int64_t> group_bytes() {
  std::ifstream stream("/proc/self/cgroup");
  std::string line;
  while (std::getline(stream, line) && line.rfind("0::/", 0) != 0) {
  }
  if (line.rfind("0::/", 0) != 0) return std::nullopt;
  std::optional<int64_t> least;
  for (std::string group = line.substr(3);; group.resize(group.rfind('/'))) {
    const std::string folder = "/sys/fs/cgroup" + group;
    const auto limit = number_in(folder + "/memory.max");
    const auto used = number_in(folder + "/memory.current");
    if (limit && used) {
      const int64_t cache = file_cache_bytes(folder + "/memory.stat");
      const int64_t left = std::max<int64_t>(*limit - *used + cache, 1);
      least = least ? std::min(*least, left) : left;
    }
    if (group.empty()) return least;
  }
}

}  // namespace

int64_t available_memory_bytes() {
  const int64_t system = system_bytes();
  const auto group = group_bytes();
  return group && system > 0 ? std::min(system, *group) : system;
}

int64_t items_within(int64_t mib, int64_t item_bytes) {
  return std::max<int64_t>(1, (mib << 20) / item_bytes);
}

void check_memory(double needed_bytes, const std::string& what) {
  const auto available = static_cast<double>(available_memory_bytes());
  if (available == 0 || needed_bytes <= available) return;
  constexpr double kGib = 1024.0 * 1024 * 1024;
  throw Error("{} need {:.1f} GiB of memory, {:.1f} GiB are free", what, needed_bytes / kGib,
              available / kGib);
}

}  // namespace dmcvr
