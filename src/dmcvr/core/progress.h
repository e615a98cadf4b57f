// SPDX-License-Identifier: Apache-2.0
// A bar with time left on a terminal, sparse log lines elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace dmcvr {

// How library functions tell their caller that `done` of `total` units of work are finished.
using OnProgress = std::function<void(int64_t done, int64_t total)>;

// Drawn at most ten times a second on stderr if that is a terminal and messages of level `info` are
// shown; otherwise one log line at the end, and one every 30 s for long work. The line ends when
// the object does.
class Progress {
 public:
  // `title`: "reconstructing"; `unit`: "slices".
  Progress(std::string title, int64_t total, std::string unit = "");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `note` is shown behind the counts: "loss 0.031, 13.2 images/s".
  void update(int64_t done, const std::string& note = "");

 private:
  std::string line(const std::string& note) const;

  std::string title_;
  std::string unit_;
  int64_t total_;
  int64_t done_ = 0;
  int64_t first_ = -1;  // A resumed run starts above 0; speed is measured from there.
  std::string note_;
  bool on_terminal_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_shown_;
};

// "3 s", "4 min 10 s", "2 h 05 min".
std::string readable_seconds(double seconds);

}  // namespace dmcvr
