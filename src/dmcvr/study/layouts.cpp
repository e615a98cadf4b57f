// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/acdc.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/mnms.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/view_phases.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace dmcvr {

namespace fs = std::filesystem;

namespace {

bool ends_with_word(const std::string& name, const std::string& word) {
  return name.size() >= word.size() &&
         name.compare(name.size() - word.size(), word.size(), word) == 0;
}

}  // namespace

std::string case_name(const fs::path& path) {
  const fs::path clean = fs::absolute(path).lexically_normal();
  const std::string name = (clean.has_filename() ? clean : clean.parent_path()).filename().string();
  for (const auto* ending : {".zip", ".tar.gz", ".tgz", ".tar", ".dcm"}) {
    if (name.size() > std::strlen(ending) && ends_with_word(name, ending))
      return name.substr(0, name.size() - std::strlen(ending));
  }
  return without_nifti_ending(name);
}

namespace {

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
    try {
      views.push_back(with_phases_of(study.sax, view));
    } catch (const Error& error) {
      throw error.in(path.string());
    }
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
  const int64_t phases = study.sax.phase_count();
  if (static_cast<int64_t>(study.phase_names.size()) != phases) {
    throw Error("{}: names {} phases, sax.nii.gz holds {}", (folder / "truth.json").string(),
                study.phase_names.size(), phases);
  }
  check_labels_of(study.sax, *study.labels, folder / "sax_labels.nii.gz");
  study.views = read_phantom_views(folder, study);
  return study;
}

// A folder that a data set or this program made of one subject.
struct Layout {
  bool (*is_one)(const fs::path& folder);
  Study (*read)(const fs::path& folder);
  std::optional<Study> (*read_film)(const fs::path& folder);
};

constexpr Layout kLayouts[] = {
    {is_phantom, read_phantom_study, nullptr},
    {is_acdc_patient, read_acdc_patient, read_acdc_film},
    {is_mnms_subject, read_mnms_subject, read_mnms_film},
    {is_mnms2_subject, read_mnms2_subject, read_mnms2_film},
};

const Layout* layout_of(const fs::path& folder) {
  for (const Layout& layout : kLayouts) {
    if (layout.is_one(folder)) return &layout;
  }
  return nullptr;
}

// By its name: a map of labels beside its picture, or a hidden file, neither of which is a picture.
bool is_no_picture(const fs::path& path) {
  const std::string name = without_nifti_ending(path.filename().string());
  if (name.empty() || name.front() == '.') return true;
  for (const auto* word : {"_gt", "_seg", "_label", "_labels"}) {
    if (ends_with_word(name, word)) return true;
  }
  return false;
}

}  // namespace

bool is_phantom(const fs::path& path) {
  return is_file(path / "truth.json") && is_file(path / "sax.nii.gz");
}

Study read_study(const fs::path& path, const ArchiveLimits& limits) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found || path.empty()) {
    throw Error("{}: no such file or folder", path.string());
  }
  if (failure) throw Error("{}: {}", path.string(), failure.message());
  if (fs::is_directory(status) && ::access(path.c_str(), R_OK | X_OK) != 0) {
    throw Error("{}: {}", path.string(), std::strerror(errno));
  }
  if (fs::is_directory(status)) {
    const Layout* layout = layout_of(path);
    if (layout == nullptr && is_dicom_subject(path)) return read_dicom_study(path, limits);
    if (layout == nullptr) {
      throw Error(
          "{}: not a study: expected a NIfTI file, DICOM films (folder, zip or tar), a folder of "
          "dmcvr phantom, or one subject's folder of ACDC (with Info.cfg), M&Ms (NAME_sa.nii.gz) "
          "or M&Ms-2 (NAME_SA_ED.nii.gz)",
          path.string());
    }
    Study study = layout->read(path);
    study.name = case_name(path);
    return study;
  }
  if (is_nifti(path)) return read_nifti_study(path);
  if (is_archive(path) || is_dicom_file(path)) return read_dicom_study(path, limits);
  throw Error(
      "{}: neither a NIfTI file, whose name ends in .nii or .nii.gz, nor DICOM, nor a zip or tar "
      "with DICOM films",
      path.string());
}

std::optional<Study> read_film(const fs::path& path) {
  const Layout* layout = fs::is_directory(path) ? layout_of(path) : nullptr;
  if (layout == nullptr || layout->read_film == nullptr) return std::nullopt;
  auto film = layout->read_film(path);
  if (film) film->name = case_name(path);
  return film;
}

bool is_subject_folder(const fs::path& path) {
  return layout_of(path) != nullptr || is_dicom_subject(path);
}

std::vector<fs::path> find_cases(const fs::path& path) {
  if (!fs::exists(path)) throw Error("{}: no such file or folder", path.string());
  if (fs::is_directory(path) ? is_subject_folder(path)
                             : is_nifti(path) || is_archive(path) || is_dicom_file(path))
    return {path};
  std::vector<fs::path> cases;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path)) {
      if (!is_file(entry.path())) continue;
      if (is_archive(entry.path())) cases.push_back(entry.path());
      if (!is_nifti(entry.path())) continue;
      if (is_no_picture(entry.path())) {
        spdlog::warn("{}: left out, since its name says that it is no picture",
                     entry.path().string());
        continue;
      }
      cases.push_back(entry.path());
    }
    const bool has_pictures = !cases.empty();
    for (const auto& folder : folders_below(path, is_subject_folder)) {
      if (!has_pictures || fs::equivalent(folder.parent_path(), path)) cases.push_back(folder);
    }
  }
  if (cases.empty()) throw Error("{}: holds no study", path.string());
  std::sort(cases.begin(), cases.end());
  return cases;
}

}  // namespace dmcvr
