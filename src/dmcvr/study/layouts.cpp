// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostInfoBytes = 64 * 1024;
constexpr double kLeastPixelMm = 0.2, kMostPixelMm = 10;

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool is_nifti(const fs::path& path) {
  const std::string name = path.filename().string();
  return ends_with(name, ".nii") || ends_with(name, ".nii.gz");
}

bool is_file(const fs::path& path) {
  std::error_code failure;  // A folder that may not be entered holds no file for us.
  return fs::is_regular_file(path, failure);
}

bool is_acdc_patient(const fs::path& path) {
  return is_file(path / "Info.cfg");
}

std::string without_ending(const std::string& name) {
  for (const auto* ending : {".nii.gz", ".nii"}) {
    if (ends_with(name, ending)) return name.substr(0, name.size() - std::string(ending).size());
  }
  return name;
}

}  // namespace

std::string case_name(const fs::path& path) {
  const fs::path clean = fs::absolute(path).lexically_normal();
  return without_ending((clean.has_filename() ? clean : clean.parent_path()).filename().string());
}

namespace {

InputFile input_file(const fs::path& path) {
  return {path.filename().string(), sha256_of_file(path)};
}

// What no reconstruction can start from.
void check_stack(const Cine& cine, const fs::path& path) {
  const auto& size = cine.grid.size;
  if (size[2] < 2) {
    throw Error("{}: {}; a stack of at least 2 slices is needed", path.string(),
                size[0] < 2 || size[1] < 2 ? "not a picture" : "a single slice");
  }
  if (size[0] < 16 || size[1] < 16) {
    throw Error("{}: slices of {}x{} pixels, at least 16x16 are needed", path.string(), size[0],
                size[1]);
  }
  const auto spacing = cine.grid.spacing_mm();
  for (const double mm : {spacing[0], spacing[1]}) {
    if (mm >= kLeastPixelMm && mm <= kMostPixelMm) continue;
    throw Error(
        "{}: pixels of {:.4g} x {:.4g} mm, {} to {} are expected; check spacing and unit in the "
        "header",
        path.string(), spacing[0], spacing[1], kLeastPixelMm, kMostPixelMm);
  }
  for (int64_t phase = 0; phase < cine.phase_count(); ++phase) {
    const auto voxels = cine.voxels[phase];
    const auto first = voxels.flatten()[0];
    if (!(voxels == first).all().item<bool>()) continue;
    const auto where = cine.phase_count() > 1
                           ? fmt::format("phase {} of {} is ", phase + 1, cine.phase_count())
                           : "";
    throw Error("{}: {}empty: every voxel is {}", path.string(), where, first.item<double>());
  }
}

// Phases in the order of the film, named by it.
void number_phases(Study& study) {
  for (int64_t frame = 0; frame < study.sax.phase_count(); ++frame) {
    study.frames.push_back(frame);
    study.phase_names.push_back(numbered_phase(frame));
  }
}

Study read_nifti_study(const fs::path& path) {
  Study study;
  study.name = case_name(path);
  study.source = "NIfTI";
  study.sax = read_nifti(path);
  check_stack(study.sax, path);
  number_phases(study);
  study.inputs = {input_file(path)};
  return study;
}

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

std::optional<double> number(const std::map<std::string, std::string>& info,
                             const std::string& key) {
  const auto entry = info.find(key);
  if (entry == info.end()) return std::nullopt;
  try {
    size_t used = 0;
    const double value = std::stod(entry->second, &used);
    return used == entry->second.size() && std::isfinite(value) && value > 0
               ? std::optional<double>(value)
               : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// The file of a folder whose name ends so, packed or not; empty if there is none. A copy of a
// patient's folder may have another name than its files.
fs::path frame_file(const fs::path& folder, const std::string& ending) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' || !is_nifti(entry.path())) continue;
    if (!ends_with(without_ending(name), ending)) continue;
    if (!found.empty()) {
      throw Error("{}: holds both {} and {}", folder.string(), found.filename().string(), name);
    }
    found = entry.path();
  }
  return found;
}

// Joins the phases of one subject that lie in files of their own.
Study read_acdc_patient(const fs::path& folder) {
  const auto info = read_info(folder / "Info.cfg");
  std::vector<std::pair<int64_t, std::string>> phases;
  for (const auto& [key, name] : {std::pair{"ED", "ed"}, std::pair{"ES", "es"}}) {
    const auto frame = number(info, key);
    if (!frame)
      throw Error("{}: does not say which frame is {}", (folder / "Info.cfg").string(), key);
    phases.emplace_back(static_cast<int64_t>(*frame), name);
  }
  std::sort(phases.begin(), phases.end());

  Study study;
  study.name = case_name(folder);
  study.source = "ACDC";
  study.height_cm = number(info, "Height");
  study.weight_kg = number(info, "Weight");
  std::vector<torch::Tensor> pictures, labels;
  for (const auto& [frame, name] : phases) {
    const fs::path path = frame_file(folder, fmt::format("_frame{:02}", frame));
    const fs::path truth = frame_file(folder, fmt::format("_frame{:02}_gt", frame));
    if (path.empty()) {
      throw Error("{}: holds no file NAME_frame{:02}.nii.gz, which Info.cfg calls {}",
                  folder.string(), frame, name == "ed" ? "ED" : "ES");
    }
    const Cine picture = read_nifti(path);
    check_stack(picture, path);
    if (pictures.empty()) study.sax.grid = picture.grid;
    if (!same_grid(picture.grid, study.sax.grid) || picture.phase_count() != 1) {
      throw Error("{}: lies on another grid than the other frames of the patient", path.string());
    }
    pictures.push_back(picture.voxels);
    study.phase_names.push_back(name);
    study.frames.push_back(frame - 1);
    study.inputs.push_back(input_file(path));
    if (truth.empty()) continue;
    const Labels expert = relabel(read_nifti_labels(truth, acdc_label_table()), label_table());
    if (!same_grid(expert.grid, study.sax.grid) || expert.phase_count() != 1) {
      throw Error("{}: lies on another grid than its picture", truth.string());
    }
    labels.push_back(expert.voxels);
    study.inputs.push_back(input_file(truth));
  }
  study.sax.voxels = torch::cat(pictures);
  if (labels.size() == pictures.size()) study.labels = Labels{study.sax.grid, torch::cat(labels)};
  return study;
}

// Those that lie beside the short axis.
std::vector<View> read_phantom_views(const fs::path& folder, Study& study) {
  std::vector<View> views;
  for (const auto* name : {"2ch", "3ch", "4ch"}) {
    const fs::path path = folder / fmt::format("lax_{}.nii.gz", name);
    const fs::path truth = folder / fmt::format("lax_{}_labels.nii.gz", name);
    if (!is_file(path)) continue;
    View view{name, read_nifti(path), {}};
    study.inputs.push_back(input_file(path));
    if (is_file(truth)) {
      view.labels = read_nifti_labels(truth, label_table());
      study.inputs.push_back(input_file(truth));
    }
    if (view.cine.phase_count() != study.sax.phase_count() ||
        (view.labels && (view.labels->phase_count() != view.cine.phase_count() ||
                         !same_grid(view.labels->grid, view.cine.grid)))) {
      throw Error("{}: does not belong to sax.nii.gz beside it, or its labels not to it",
                  path.string());
    }
    views.push_back(std::move(view));
  }
  return views;
}

Study read_phantom_study(const fs::path& folder) {
  Study study = read_nifti_study(folder / "sax.nii.gz");
  study.name = case_name(folder);
  study.source = "phantom";
  const auto truth = read_json(folder / "truth.json");
  try {
    study.phase_names.clear();
    for (const auto& phase : truth.at("phases")) study.phase_names.push_back(phase.at("name"));
  } catch (const nlohmann::json::exception&) {
    throw Error("{}: does not name its phases", (folder / "truth.json").string());
  }
  study.labels = read_nifti_labels(folder / "sax_labels.nii.gz", label_table());
  study.inputs.push_back(input_file(folder / "sax_labels.nii.gz"));
  if (static_cast<int64_t>(study.phase_names.size()) != study.sax.phase_count() ||
      study.labels->phase_count() != study.sax.phase_count() ||
      !same_grid(study.labels->grid, study.sax.grid)) {
    throw Error("{}: picture, labels and truth.json do not belong together", folder.string());
  }
  study.views = read_phantom_views(folder, study);
  return study;
}

bool is_case(const fs::path& path) {
  return fs::is_directory(path) ? is_acdc_patient(path) || is_phantom(path) : is_nifti(path);
}

// By its name: a map of labels beside its picture, or a hidden file, neither of which is a picture.
bool is_no_picture(const fs::path& path) {
  const std::string name = without_ending(path.filename().string());
  return name.empty() || name.front() == '.' || ends_with(name, "_gt") || ends_with(name, "_seg") ||
         ends_with(name, "_label") || ends_with(name, "_labels");
}

}  // namespace

bool is_phantom(const fs::path& path) {
  return is_file(path / "truth.json") && is_file(path / "sax.nii.gz");
}

Study read_study(const fs::path& path) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found || path.empty()) {
    throw Error("{}: no such file or folder", path.string());
  }
  if (failure) throw Error("{}: {}", path.string(), failure.message());
  if (fs::is_directory(status) && ::access(path.c_str(), R_OK | X_OK) != 0) {
    throw Error("{}: {}", path.string(), std::strerror(errno));
  }
  if (is_phantom(path)) return read_phantom_study(path);
  if (is_acdc_patient(path)) return read_acdc_patient(path);
  if (fs::is_directory(status)) {
    throw Error(
        "{}: not a study: expected a NIfTI file, or a patient folder with Info.cfg as in ACDC",
        path.string());
  }
  if (!is_nifti(path))
    throw Error("{}: not a NIfTI file; expected a name that ends in .nii or .nii.gz",
                path.string());
  return read_nifti_study(path);
}

std::vector<fs::path> find_cases(const fs::path& path) {
  if (!fs::exists(path)) throw Error("{}: no such file or folder", path.string());
  if (is_case(path)) return {path};
  std::vector<fs::path> cases;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path)) {
      if (!is_case(entry.path())) continue;
      if (!fs::is_directory(entry.path()) && is_no_picture(entry.path())) {
        spdlog::warn("{}: left out, since its name says that it is no picture",
                     entry.path().string());
        continue;
      }
      cases.push_back(entry.path());
    }
  }
  if (cases.empty()) throw Error("{}: holds no study", path.string());
  std::sort(cases.begin(), cases.end());
  return cases;
}

}  // namespace dmcvr
