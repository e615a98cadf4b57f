// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/acdc.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostInfoBytes = 64 * 1024;
constexpr double kMostFrames = 1e6;

// "ED: 1" per line.
std::map<std::string, std::string> read_info(const fs::path& path) {
  std::ifstream stream(path);
  std::string text(static_cast<size_t>(kMostInfoBytes), '\0');
  stream.read(text.data(), kMostInfoBytes);
  text.resize(static_cast<size_t>(stream.gcount()));
  std::istringstream lines(text);
  std::map<std::string, std::string> info;
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto first = line.find_first_not_of(" \t", colon + 1);
    const auto last = line.find_last_not_of(" \t\r");
    if (first != std::string::npos)
      info[line.substr(0, colon)] = line.substr(first, last - first + 1);
  }
  return info;
}

// Numbers above 0 alone.
std::optional<double> positive(const std::map<std::string, std::string>& info,
                               const std::string& key) {
  const auto entry = info.find(key);
  const auto value = entry == info.end() ? std::nullopt : number_in(entry->second);
  return value && *value > 0 ? value : std::nullopt;
}

// Frames, from 1, in time order, and what they are.
std::vector<std::pair<int64_t, std::string>> end_phases(
    const fs::path& folder, const std::map<std::string, std::string>& info) {
  std::vector<std::pair<int64_t, std::string>> phases;
  for (const auto& [key, name] : {std::pair{"ED", "ed"}, std::pair{"ES", "es"}}) {
    const auto frame = positive(info, key);
    if (!frame || *frame != std::floor(*frame) || *frame > kMostFrames)
      throw Error("{}: does not say which frame is {}", (folder / "Info.cfg").string(), key);
    phases.emplace_back(static_cast<int64_t>(*frame), name);
  }
  std::sort(phases.begin(), phases.end());
  return phases;
}

}  // namespace

bool is_acdc_patient(const fs::path& folder) {
  return is_file(folder / "Info.cfg");
}

Study read_acdc_patient(const fs::path& folder) {
  const auto info = read_info(folder / "Info.cfg");
  std::vector<PhaseFile> phases;
  for (const auto& [frame, name] : end_phases(folder, info)) {
    PhaseFile phase;
    phase.name = name;
    phase.frame = frame - 1;
    phase.image = file_ending_with(folder, fmt::format("_frame{:02}", frame));
    phase.truth = file_ending_with(folder, fmt::format("_frame{:02}_gt", frame));
    if (phase.image.empty()) {
      throw Error("{}: holds no file NAME_frame{:02}.nii.gz, which Info.cfg calls {}",
                  folder.string(), frame, name == "ed" ? "ED" : "ES");
    }
    phases.push_back(phase);
  }
  Study study;
  study.source = "ACDC";
  study.height_cm = positive(info, "Height");
  study.weight_kg = positive(info, "Weight");
  join_phases(study, phases, acdc_label_table());
  study.inputs.push_back(input_file(folder / "Info.cfg"));
  return study;
}

std::optional<Study> read_acdc_film(const fs::path& folder) {
  const fs::path path = file_ending_with(folder, "_4d");
  if (path.empty()) return std::nullopt;
  Study film;
  film.source = "ACDC";
  film.sax = read_nifti(path);
  check_stack(film.sax, path);
  number_phases(film);
  for (const auto& [frame, name] : end_phases(folder, read_info(folder / "Info.cfg"))) {
    if (frame > film.sax.phase_count()) {
      throw Error("{}: holds {} frames; Info.cfg calls frame {} {}", path.string(),
                  film.sax.phase_count(), frame, name == "ed" ? "ED" : "ES");
    }
    film.phase_names[static_cast<size_t>(frame - 1)] = name;
  }
  film.inputs = {input_file(path), input_file(folder / "Info.cfg")};
  return film;
}

}  // namespace dmcvr
