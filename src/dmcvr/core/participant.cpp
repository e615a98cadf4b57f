// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/participant.h"

#include "dmcvr/core/said_paths.h"

#include <atomic>
#include <mutex>
#include <set>

namespace dmcvr {
namespace {

constexpr size_t kIdDigits = 7;
constexpr int64_t kFirstField = 20207, kLastField = 20214;  // of heart MRI

std::atomic<bool> are_kept{false};
std::mutex known_mutex;
std::set<std::string, std::less<>> known_ids;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Past the digits that begin there.
size_t end_of_digits(std::string_view text, size_t begin) {
  while (begin < text.size() && is_digit(text[begin])) ++begin;
  return begin;
}

// The name that begins there.
std::optional<ParticipantFile> file_at(std::string_view text, size_t begin) {
  size_t ends[4];
  size_t place = begin;
  for (size_t part = 0; part < 4; ++part) {
    if (part > 0 && (place >= text.size() || text[place++] != '_')) return std::nullopt;
    ends[part] = end_of_digits(text, place);
    if (ends[part] == place) return std::nullopt;
    if (part == 0 && ends[part] - place != kIdDigits) return std::nullopt;
    if (part == 1 && ends[part] - place != 5) return std::nullopt;
    place = ends[part];
  }
  ParticipantFile file;
  file.id = text.substr(begin, kIdDigits);
  file.field = std::stoll(std::string(text.substr(ends[0] + 1, 5)));
  if (file.field < kFirstField || file.field > kLastField) return std::nullopt;
  file.visit = text.substr(ends[1] + 1, ends[3] - ends[1] - 1);
  file.ending = text.substr(ends[3]);
  return file;
}

void remember(const std::string& id) {
  const std::lock_guard lock(known_mutex);
  known_ids.insert(id);
}

bool is_known(std::string_view digits) {
  const std::lock_guard lock(known_mutex);
  return known_ids.find(digits) != known_ids.end();
}

// work(begin, end) for every run of digits.
template <typename Work>
void for_digits(std::string_view text, const Work& work) {
  for (size_t place = 0; place < text.size();) {
    const size_t end = end_of_digits(text, place);
    if (end > place) work(place, end);
    place = end + 1;
  }
}

}  // namespace

std::optional<ParticipantFile> participant_file(const std::string& name) {
  auto file = file_at(name, 0);
  if (file) remember(file->id);
  return file;
}

std::string without_ids(std::string_view given) {
  std::string text_with_said_paths = with_said_paths(given);
  if (are_kept) return text_with_said_paths;
  const std::string_view text = text_with_said_paths;
  for_digits(text, [&](size_t begin, size_t) {
    if (const auto file = file_at(text, begin)) remember(file->id);
  });
  std::string clean;
  size_t copied = 0;
  for_digits(text, [&](size_t begin, size_t end) {
    if (end - begin != kIdDigits || !is_known(text.substr(begin, kIdDigits))) return;
    clean.append(text.substr(copied, begin - copied)).append("*");
    copied = end;
  });
  return clean.append(text.substr(copied));
}

void keep_ids(bool is_kept) {
  are_kept = is_kept;
}

bool keeps_ids() {
  return are_kept;
}

}  // namespace dmcvr
