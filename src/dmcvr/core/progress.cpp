// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace dmcvr {

using std::chrono::steady_clock;

namespace {

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

constexpr double kRedrawSeconds = 0.1;
constexpr double kLogLineSeconds = 30;

}  // namespace

Progress::Progress(std::string title, int64_t total, std::string unit)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(std::max<int64_t>(total, 1)),
      on_terminal_(::isatty(STDERR_FILENO) && spdlog::should_log(spdlog::level::info)),
      start_(steady_clock::now()),
      last_shown_(start_) {}

Progress::~Progress() {
  if (on_terminal_) {
    fmt::print(stderr, "\r\033[K{}\n", line(note_));
    std::fflush(stderr);
  } else {
    spdlog::info("{}", line(note_));
  }
}

void Progress::update(int64_t done, const std::string& note) {
  if (first_ < 0) first_ = done > 0 && seconds_since(start_) < 1e-3 ? done : 0;
  done_ = std::min(done, total_);
  note_ = note;
  if (!on_terminal_ && done_ == total_) return;  // The last line is the destructor's.
  if (seconds_since(last_shown_) < (on_terminal_ ? kRedrawSeconds : kLogLineSeconds)) return;
  last_shown_ = steady_clock::now();
  if (on_terminal_) {
    fmt::print(stderr, "\r\033[K{}", line(note));
    std::fflush(stderr);
  } else {
    spdlog::info("{}", line(note));
  }
}

std::string Progress::line(const std::string& note) const {
  const double elapsed = seconds_since(start_);
  const int64_t made = done_ - std::max<int64_t>(first_, 0);
  std::string text =
      fmt::format("{} {}/{}{}{}", title_, done_, total_, unit_.empty() ? "" : " ", unit_);
  if (done_ < total_ && made > 0) {
    text += fmt::format(", {} left", readable_seconds(elapsed * (total_ - done_) / made));
  } else {
    text += fmt::format(" in {}", readable_seconds(elapsed));
  }
  return note.empty() ? text : text + ", " + note;
}

std::string readable_seconds(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (seconds < 10) return fmt::format("{:.1f} s", std::max(0.0, seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace dmcvr
