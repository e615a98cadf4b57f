// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study_files.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr double kLeastPixelMm = 0.2, kMostPixelMm = 10;
constexpr int64_t kDeepestLevel = 4;

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;
    if (name.front() != '.' && entry->is_directory(unknown)) folders.push_back(entry->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

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

std::string without_nifti_ending(const std::string& name) {
  for (const auto* ending : {".nii.gz", ".nii"}) {
    if (ends_with(name, ending)) return name.substr(0, name.size() - std::string(ending).size());
  }
  return name;
}

std::vector<fs::path> files_ending_with(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (name.front() != '.' && is_nifti(entry->path()) &&
        ends_with(without_nifti_ending(name), ending))
      found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path file_ending_with(const fs::path& folder, const std::string& ending) {
  const auto found = files_ending_with(folder, ending);
  if (found.size() > 1) {
    throw Error("{}: holds both {} and {}", folder.string(), found[0].filename().string(),
                found[1].filename().string());
  }
  return found.empty() ? fs::path() : found.front();
}

InputFile input_file(const fs::path& path) {
  return {without_ids(path.filename().string()), sha256_of_file(path)};
}

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

void check_labels_of(const Cine& picture, const Labels& labels, const fs::path& path) {
  const auto &size = labels.grid.size, &expected = picture.grid.size;
  if (size != expected || labels.phase_count() != picture.phase_count()) {
    throw Error("{}: {}x{}x{} voxels in {} phases, expected those of the picture: {}x{}x{} in {}",
                path.string(), size[0], size[1], size[2], labels.phase_count(), expected[0],
                expected[1], expected[2], picture.phase_count());
  }
  if (same_grid(labels.grid, picture.grid)) return;
  double farthest_mm = 0;
  for (int corner = 0; corner < 8; ++corner) {
    Point p{};
    for (size_t axis = 0; axis < 3; ++axis)
      p[axis] = (corner >> axis & 1) != 0 ? static_cast<double>(size[axis] - 1) : 0;
    farthest_mm =
        std::max(farthest_mm,
                 length(minus(labels.grid.world_from_voxel(p), picture.grid.world_from_voxel(p))));
  }
  throw Error("{}: lies elsewhere in the patient than its picture, by up to {:.3g} mm at a corner",
              path.string(), farthest_mm);
}

void number_phases(Study& study) {
  for (int64_t frame = 0; frame < study.sax.phase_count(); ++frame) {
    study.frames.push_back(frame);
    study.phase_names.push_back(numbered_phase(frame));
  }
}

std::optional<double> number_in(const std::string& text) {
  try {
    size_t used = 0;
    const double value = std::stod(text, &used);
    if (used == text.size() && std::isfinite(value)) return value;
  } catch (const std::exception&) {  // stod: no number, or one that no double holds
  }
  return std::nullopt;
}

void join_phases(Study& study, const std::vector<PhaseFile>& phases, const LabelTable& table) {
  std::vector<torch::Tensor> pictures, labels;
  bool have_frames = true;
  for (const auto& [name, frame, image, truth] : phases) {
    const Cine picture = read_nifti(image);
    check_stack(picture, image);
    if (pictures.empty()) study.sax.grid = picture.grid;
    if (!same_grid(picture.grid, study.sax.grid) || picture.phase_count() != 1) {
      throw Error("{}: lies on another grid than the other frames of the patient", image.string());
    }
    pictures.push_back(picture.voxels);
    study.phase_names.push_back(name);
    study.frames.push_back(frame);
    have_frames = have_frames && frame >= 0;
    study.inputs.push_back(input_file(image));
    if (truth.empty()) continue;
    const Labels expert = relabel(read_nifti_labels(truth, table), label_table());
    if (!same_grid(expert.grid, study.sax.grid) || expert.phase_count() != 1) {
      throw Error("{}: lies on another grid than its picture", truth.string());
    }
    labels.push_back(expert.voxels);
    study.inputs.push_back(input_file(truth));
  }
  study.sax.voxels = torch::cat(pictures);
  if (!have_frames) study.frames.clear();
  if (labels.size() == pictures.size()) study.labels = Labels{study.sax.grid, torch::cat(labels)};
}

std::vector<fs::path> folders_below(const fs::path& folder,
                                    const std::function<bool(const fs::path&)>& is_wanted,
                                    std::vector<fs::path>* passed_over) {
  std::vector<fs::path> wanted, deeper, level = {folder};
  bool has_near = false;
  for (int64_t depth = 1; depth <= kDeepestLevel && !level.empty(); ++depth) {
    std::vector<fs::path> others;
    for (const fs::path& parent : level) {
      for (const fs::path& child : subfolders(parent))
        (is_wanted(child) ? (has_near ? deeper : wanted) : others).push_back(child);
    }
    has_near = has_near || (depth == 1 && !wanted.empty());
    if (has_near && passed_over == nullptr) break;
    level = others;
  }
  std::sort(wanted.begin(), wanted.end());
  std::sort(deeper.begin(), deeper.end());
  if (passed_over != nullptr) *passed_over = deeper;
  return wanted;
}

}  // namespace dmcvr
