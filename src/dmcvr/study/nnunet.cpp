// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/nnunet.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/pairs.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cctype>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kChannel = "_0000";
constexpr const char* kConvertedBy = "dmcvr prepare";

fs::path folder_of(const fs::path& picture) {
  return fs::absolute(picture).lexically_normal().parent_path();
}

// The word that the name of a case ends in, where it names a phase.
std::string phase_in(const std::string& name) {
  for (const auto* phase : {"ed", "es"}) {
    for (const char before : {'_', '-', '.'}) {
      std::string end = name.substr(name.size() - std::min<size_t>(name.size(), 3));
      for (char& letter : end)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      if (end == before + std::string(phase)) return phase;
    }
  }
  return numbered_phase(0);
}

bool is_name(const std::string& name) {
  const auto is_digit = [&](size_t n) { return n < name.size() && std::isdigit(name[n]) != 0; };
  return name.rfind("Dataset", 0) == 0 && is_digit(7) && is_digit(8) && is_digit(9) &&
         name.size() > 11 && name[10] == '_';
}

}  // namespace

bool is_nnunet_dataset(const fs::path& folder) {
  std::error_code failure;
  return is_file(folder / "dataset.json") && (fs::is_directory(folder / "imagesTr", failure) ||
                                              fs::is_directory(folder / "imagesTs", failure));
}

std::vector<fs::path> nnunet_cases(const fs::path& dataset) {
  std::vector<fs::path> cases;
  for (const auto* images : {"imagesTr", "imagesTs"}) {
    for (const auto& file : files_ending_with(dataset / images, kChannel)) cases.push_back(file);
  }
  return cases;
}

bool is_nnunet_case(const fs::path& picture) {
  if (!is_nifti(picture) || !is_file(picture) ||
      !ends_with(without_nifti_ending(picture.filename().string()), kChannel))
    return false;
  const fs::path folder = folder_of(picture);
  return (folder.filename() == "imagesTr" || folder.filename() == "imagesTs") &&
         is_nnunet_dataset(folder.parent_path());
}

std::string nnunet_case_name(const fs::path& picture) {
  const std::string name = without_nifti_ending(picture.filename().string());
  return name.substr(0, name.size() - std::string(kChannel).size());
}

fs::path nnunet_labels(const fs::path& picture) {
  const std::string images = folder_of(picture).filename().string();
  const fs::path labels = folder_of(picture).parent_path() / ("labels" + images.substr(6));
  for (const auto* ending : {".nii.gz", ".nii"}) {
    fs::path file = labels / (nnunet_case_name(picture) + ending);
    if (is_file(file)) return file;
  }
  return {};
}

Study read_nnunet_case(const fs::path& picture) {
  const std::string name = nnunet_case_name(picture);
  Study study;
  study.name = case_name(picture);
  study.source = "nnU-Net";
  for (const auto* ending : {".nii.gz", ".nii"}) {
    if (!is_file(folder_of(picture) / (name + "_0001" + ending))) continue;
    throw Error("{}: has a second channel beside it, {}_0001{}, where cine pictures have one",
                picture.string(), name, ending);
  }
  study.sax = read_nifti(picture);
  check_stack(study.sax, picture);
  if (study.sax.phase_count() != 1) {
    throw Error("{}: {} phases, nnU-Net's pictures have one", picture.string(),
                study.sax.phase_count());
  }
  study.phase_names = {phase_in(name)};
  study.inputs = {input_file(picture)};
  const fs::path labels = nnunet_labels(picture);
  if (labels.empty()) return study;
  const fs::path description = folder_of(picture).parent_path() / "dataset.json";
  const auto content = read_json(description);
  if (!content.is_object() || !content.contains("labels"))
    throw Error("{}: does not name its labels", description.string());
  LabelMeaning meaning;
  try {
    meaning = label_meaning(content["labels"]);
  } catch (const Error& error) {
    throw error.in(description.string());
  }
  add_labels(study, labels, meaning);
  // Of its labels alone: it also counts the cases, which come and go.
  study.inputs.push_back({description.filename().string(), sha256_of(content["labels"].dump())});
  return study;
}

bool is_our_nnunet_dataset(const fs::path& folder) {
  if (!is_nnunet_dataset(folder)) return false;
  try {
    const auto content = read_json(folder / "dataset.json");
    return content.is_object() && content.value("converted_by", nlohmann::json()) == kConvertedBy;
  } catch (const Error&) {
    return false;
  }
}

void check_nnunet_name(const fs::path& dataset) {
  const fs::path clean = fs::absolute(dataset / "").lexically_normal().parent_path();
  if (is_name(clean.filename().string())) return;
  throw Error("{}: nnU-Net finds data sets by names such as Dataset501_Hearts", dataset.string());
}

NnunetWriter::NnunetWriter(const fs::path& dataset) : folder_(dataset) {
  fs::create_directories(folder_ / "imagesTr");
  fs::create_directories(folder_ / "labelsTr");
}

int64_t NnunetWriter::add(const Study& study) {
  std::vector<fs::path> written;
  try {
    const int64_t count = write_phases(study, written);
    cases_ += count;
    return count;
  } catch (...) {
    std::error_code ignored;
    for (const fs::path& file : written) fs::remove(file, ignored);
    throw;
  }
}

int64_t NnunetWriter::write_phases(const Study& study, std::vector<fs::path>& written) const {
  int64_t count = 0;
  for (int64_t phase = 0; phase < study.sax.phase_count(); ++phase) {
    if (!is_fully_labeled(study, phase) || !study.labels->voxels[phase].any().item<bool>())
      continue;
    const std::string name = study.name + '_' + study.phase_names[static_cast<size_t>(phase)];
    Cine picture{study.sax.grid, study.sax.voxels.narrow(0, phase, 1), {}};
    Labels labels = *study.labels;
    labels.voxels = study.labels->voxels.narrow(0, phase, 1);
    const fs::path image = folder_ / "imagesTr" / (name + kChannel + ".nii.gz");
    if (fs::exists(image)) throw Error("two cases are called {}", name);
    written.push_back(image);
    write_nifti(image, picture);
    written.push_back(folder_ / "labelsTr" / (name + ".nii.gz"));
    write_nifti(written.back(), relabel(labels, label_table()));
    ++count;
  }
  return count;
}

void NnunetWriter::finish() const {
  if (cases_ == 0)
    throw Error("no phase of any study has labels of LVC, LVM and RVC: nothing to write");
  nlohmann::ordered_json labels = {{"background", 0}};
  for (const auto& [value, name] : label_table()) labels[name] = value;
  const nlohmann::ordered_json content = {{"channel_names", {{"0", "cine MRI"}}},
                                          {"labels", labels},
                                          {"numTraining", cases_},
                                          {"file_ending", ".nii.gz"},
                                          {"converted_by", kConvertedBy}};
  write_file(folder_ / "dataset.json",
             [&](std::ostream& stream) { stream << content.dump(2) << '\n'; });
}

}  // namespace dmcvr
