// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/answer_folder.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/measures/label_order.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/reconstruction/linear.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <limits>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// A picture whose brightest part is this much below that of the given slices has other units.
constexpr double kStrangeBrightness = 0.1;

// One file of all phases, or one per phase; empty if there is none.
std::vector<fs::path> files_of(const std::vector<std::string>& whole,
                               const std::vector<std::vector<std::string>>& by_phase) {
  const auto found = [](const std::string& stem) -> fs::path {
    for (const char* ending : {".nii.gz", ".nii"}) {
      std::error_code failure;
      if (fs::is_regular_file(stem + ending, failure)) return stem + ending;
    }
    return {};
  };
  for (const auto& stem : whole) {
    if (const fs::path file = found(stem); !file.empty()) return {file};
  }
  for (const auto& stems : by_phase) {
    std::vector<fs::path> files;
    for (const auto& stem : stems) {
      if (const fs::path file = found(stem); !file.empty()) files.push_back(file);
    }
    if (files.size() == stems.size()) return files;
  }
  return {};
}

struct AnswerFiles {
  std::vector<fs::path> pictures, labels;
};

AnswerFiles find_files(const fs::path& folder, const std::string& case_name,
                       const std::vector<std::string>& phases) {
  const std::string flat = (folder / case_name).string();
  const std::string picture = (folder / case_name / "volume").string();
  const std::string labels = (folder / case_name / "labels").string();
  std::vector<std::vector<std::string>> pictures_by_phase(2), labels_by_phase(2);
  for (const auto& phase : phases) {
    pictures_by_phase[0].push_back(flat + "_" + phase);
    pictures_by_phase[1].push_back(picture + "_" + phase);
    labels_by_phase[0].push_back(flat + "_" + phase + "_labels");
    labels_by_phase[1].push_back(labels + "_" + phase);
  }
  AnswerFiles files = {files_of({flat, picture}, pictures_by_phase),
                       files_of({flat + "_labels", labels}, labels_by_phase)};
  if (files.pictures.empty() && files.labels.empty()) {
    throw Error("{}: holds no answer for {}; expected {}.nii.gz, {}_labels.nii.gz, or both",
                folder.string(), case_name, case_name, case_name);
  }
  return files;
}

// Phase t of what one file or several hold.
template <typename Stack>
struct PhaseOf {
  const Stack* stack = nullptr;
  int64_t phase = 0;
};

template <typename Stack>
PhaseOf<Stack> phase_of(const std::vector<Stack>& stacks, int64_t t) {
  if (stacks.size() == 1) return {&stacks.front(), t};
  return {&stacks[static_cast<size_t>(t)], 0};
}

template <typename Stack>
void check_phases(const std::vector<fs::path>& files, const std::vector<Stack>& stacks,
                  const Question& question) {
  const auto wanted = static_cast<int64_t>(question.given.phase_names.size());
  for (size_t n = 0; n < stacks.size(); ++n) {
    const int64_t expected = stacks.size() == 1 ? wanted : 1;
    if (stacks[n].phase_count() == expected) continue;
    throw Error("{}: holds {} phases, {} asked for: {}", files[n].string(), stacks[n].phase_count(),
                expected == 1 ? "one was" : fmt::format("{} were", expected),
                fmt::join(question.given.phase_names, ", "));
  }
}

// With our values.
Labels labels_in(const fs::path& file) {
  if (const auto table = described_labels(read_nifti_header(file).descrip))
    return relabel(read_nifti_labels(file, *table), label_table());
  Labels labels = read_nifti_labels(file, label_table());
  if (const auto better = better_label_order(labels)) {
    throw Error(
        "{}: by their shapes the labels are {}; write what they are as description into the header",
        file.string(), to_string(*better));
  }
  return labels;
}

torch::Tensor planes_asked_for(const torch::Tensor& planes, const Question& question) {
  return planes.index_select(0, torch::tensor(question.asked, torch::kInt64));
}

// is_missing: [M, H, W] bool, the voxels of the planes asked for that the file does not reach.
void check_reaches(const torch::Tensor& is_missing, const fs::path& file) {
  const auto misses_all = is_missing.flatten(1).all(1);  // [M]
  if (!misses_all.any().item<bool>()) return;
  throw Error(
      "{}: misses {} of the {} planes that were asked for; it ends before, or lies elsewhere in "
      "space",
      file.string(), misses_all.sum().item<int64_t>(), is_missing.size(0));
}

// Labels are 0 where they end, so that a map elsewhere in space would look like an empty one.
void check_reaches(const Grid& grid, const fs::path& file, const Question& question) {
  const Volume everywhere{grid, torch::ones({grid.size[2], grid.size[1], grid.size[0]})};
  const auto sampled = resample(everywhere, question.planes.grid, Interpolation::nearest,
                                std::numeric_limits<double>::quiet_NaN());
  check_reaches(planes_asked_for(sampled.voxels, question).isnan(), file);
}

// [M, H, W], with `linear` where the picture ends.
torch::Tensor picture_of(const Volume& volume, const fs::path& file, const Question& question,
                         int64_t t) {
  const auto sampled = resample(volume, question.planes.grid, Interpolation::linear,
                                std::numeric_limits<double>::quiet_NaN());
  const auto planes = planes_asked_for(sampled.voxels, question);
  const auto is_missing = planes.isnan();
  check_reaches(is_missing, file);
  const auto& given = question.given.sax.voxels[t];
  if (percentile(planes.masked_select(is_missing.logical_not()), 98) <
      kStrangeBrightness * percentile(given, 98)) {
    spdlog::warn("{}: much darker than the given slices; are its units theirs?", file.string());
  }
  return torch::where(
      is_missing, mix_linearly(given, question.planes.acquired_z_mm, question.asked_mm), planes);
}

}  // namespace

AnswerFolder answer_folder_from(const std::string& text) {
  const auto equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto is_free = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string("_-+.").find(static_cast<char>(c)) != std::string::npos;
  };
  if (equals == std::string::npos || name.empty() ||
      !std::all_of(name.begin(), name.end(), is_free)) {
    throw Error("'{}': expected NAME=DIR, a name of letters, digits and _ - + . and a folder",
                text);
  }
  const auto ours = method_names();
  if (std::find(ours.begin(), ours.end(), name) != ours.end())
    throw Error("'{}': {} is a method of dmcvr; call yours something else", text, name);
  const fs::path folder = text.substr(equals + 1);
  if (!fs::is_directory(folder)) throw Error("'{}': '{}' is no folder", text, folder.string());
  return {name, folder};
}

FolderAnswer read_answer(const AnswerFolder& folder, const std::string& case_name,
                         const Question& question) {
  const AnswerFiles files = find_files(folder.path, case_name, question.given.phase_names);
  FolderAnswer found;
  for (const auto* list : {&files.pictures, &files.labels}) {
    for (const fs::path& file : *list) found.files.push_back({file.string(), sha256_of_file(file)});
  }
  const int64_t phases = question.given.sax.phase_count();
  if (!files.pictures.empty()) {
    std::vector<Cine> cines;
    for (const fs::path& file : files.pictures) cines.push_back(read_nifti(file));
    check_phases(files.pictures, cines, question);
    std::vector<torch::Tensor> images;
    for (int64_t t = 0; t < phases; ++t) {
      const auto [cine, phase] = phase_of(cines, t);
      const auto& file = files.pictures[cines.size() == 1 ? 0 : static_cast<size_t>(t)];
      images.push_back(picture_of(cine->phase(phase), file, question, t));
    }
    found.answer.images = torch::stack(images);
  }
  if (!files.labels.empty()) {
    std::vector<Labels> maps;
    for (const fs::path& file : files.labels) maps.push_back(labels_in(file));
    check_phases(files.labels, maps, question);
    for (size_t n = 0; n < maps.size(); ++n) check_reaches(maps[n].grid, files.labels[n], question);
    std::vector<torch::Tensor> labels;
    for (int64_t t = 0; t < phases; ++t) {
      const auto [map, phase] = phase_of(maps, t);
      const auto sampled =
          resample(Labels{map->grid, map->voxels.narrow(0, phase, 1)}, question.planes.grid);
      labels.push_back(planes_asked_for(sampled.voxels[0], question));
    }
    found.answer.labels = torch::stack(labels);
  }
  return found;
}

}  // namespace dmcvr
