// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/cases.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/nnunet.h"
#include "dmcvr/study/packed_nifti.h"
#include "dmcvr/study/pairs.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/ukb.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// Says why not, where that is worth a word.
bool is_case_file(const fs::path& path, const InputOptions& input) {
  const std::string name = path.filename().string();
  if (name.front() == '.' || !is_file(path)) return false;
  // A participant's other pictures lie beside the short axis, or tell nothing about it.
  if (input.layout == "auto" && is_ukb_file(path) && !is_ukb_study(path)) return false;
  if (is_nifti(path) && is_label_name(path)) {
    const std::string stem = without_nifti_ending(name);
    const fs::path folder = path.parent_path(), picture = stem.substr(0, stem.find_last_of('_'));
    if (!is_file(folder / (picture.string() + ".nii.gz")) &&
        !is_file(folder / (picture.string() + ".nii"))) {
      spdlog::warn("{}: left out, since its name says that it is no picture",
                   without_ids(path.string()));
    }
    return false;
  }
  return !layout_of(path, input).empty() || packed_place(path);
}

// Files of a folder, and of a data set whose folders are not subjects.
std::vector<fs::path> case_files(const fs::path& folder, const InputOptions& input) {
  std::vector<fs::path> cases;
  const bool takes_nnunet = input.layout == "auto" || input.layout == "nnunet";
  if (takes_nnunet && is_nnunet_dataset(folder)) return nnunet_cases(folder);
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (is_case_file(entry->path(), input)) cases.push_back(entry->path());
  }
  return cases;
}

// A folder that is no subject, and whose files are cases as those of a data set are.
bool holds_case_files(const fs::path& folder, const InputOptions& input) {
  if (is_nnunet_dataset(folder)) return input.layout == "auto" || input.layout == "nnunet";
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const bool is_asked = input.layout == "auto" || input.layout == "ukb";
    if (is_asked && is_ukb_study(entry->path()) && is_file(entry->path())) return true;
  }
  return false;
}

// Said, since whoever names a data set wants all of it.
void tell_passed_over(const fs::path& path, const std::vector<fs::path>& passed_over) {
  if (passed_over.empty()) return;
  spdlog::warn(
      "{}: {} in folders farther below, {} among them, left out since others lie above; "
      "name their folder to take them",
      without_ids(path.string()),
      passed_over.size() == 1 ? "a study" : fmt::format("{} studies", passed_over.size()),
      without_ids(passed_over.front().lexically_relative(path).string()));
}

bool holds_nifti(const fs::path& folder) {
  std::error_code failure;
  fs::recursive_directory_iterator entry(folder, failure), end;
  return std::any_of(entry, end, [](const auto& one) { return is_nifti(one.path()); });
}

// Archives often hold a single folder, which holds the rest.
fs::path inmost_wrapper(fs::path folder, const InputOptions& input) {
  while (fs::is_directory(folder) && layout_of(folder, input).empty() &&
         !is_nnunet_dataset(folder)) {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_directory() ? holds_nifti(entry.path()) : is_nifti(entry.path()))
        folders.push_back(entry.path());
    }
    if (folders.size() != 1 || !fs::is_directory(folders.front())) break;
    folder = folders.front();
  }
  return folder;
}

// The names in the archive, laid out as folders, tell its cases.
std::vector<fs::path> find_packed_cases(const fs::path& path, const PackedPlace& place,
                                        const InputOptions& input) {
  const UnpackedNifti names(place, {}, true);
  std::vector<fs::path> cases;
  for (const fs::path& found : find_cases(inmost_wrapper(names.path(), input), input))
    cases.push_back(names.packed(found));
  if (cases.size() == 1) return {path};
  return cases;
}

}  // namespace

bool is_one_study(const fs::path& path, const InputOptions& input) {
  if (fs::is_directory(path)) return is_subject_folder(path, input);
  const auto place = packed_place(path);
  if (!place) return true;
  try {
    return find_packed_cases(path, *place, input).size() == 1;
  } catch (const Error&) {  // said when it is read
    return true;
  }
}

std::vector<fs::path> find_cases(const fs::path& path, const InputOptions& input) {
  if (const auto place = packed_place(path)) return find_packed_cases(path, *place, input);
  if (!fs::exists(path)) throw Error("{}: no such file or folder", path.string());
  if (!layout_of(path, input).empty()) return {path};
  if (!fs::is_directory(path))
    throw Error("{}: not a study: expected {}", path.string(), expected_layout(input));
  auto cases = case_files(path, input);
  const bool has_files = !cases.empty();
  const auto is_wanted = [&](const fs::path& folder) {
    return is_subject_folder(folder, input) || holds_case_files(folder, input);
  };
  std::vector<fs::path> folders, passed_over;
  if (!is_nnunet_dataset(path)) folders = folders_below(path, is_wanted, &passed_over);
  for (const auto& folder : folders) {
    if (has_files && !fs::equivalent(folder.parent_path(), path)) {
      passed_over.push_back(folder);
    } else if (is_subject_folder(folder, input)) {
      cases.push_back(folder);
    } else {
      for (auto& file : case_files(folder, input)) cases.push_back(std::move(file));
    }
  }
  if (cases.empty()) {
    throw Error("{}: holds no study{}", path.string(),
                input.layout == "auto" ? "" : ": expected " + expected_layout(input));
  }
  tell_passed_over(path, passed_over);
  std::sort(cases.begin(), cases.end());
  return cases;
}

void with_unpacked_study(const PackedPlace& place, const ArchiveLimits& limits,
                         const InputOptions& input,
                         const std::function<void(const fs::path&)>& work) {
  const UnpackedNifti unpacked(place, limits);
  const auto cases = find_cases(inmost_wrapper(unpacked.path(), input), input);
  if (cases.size() > 1) {
    throw Error("{}: holds {} studies; name one of them, such as {}", unpacked.path().string(),
                cases.size(), cases.front().string());
  }
  work(cases.front());
}

std::vector<fs::path> choose_cases(const std::vector<fs::path>& inputs, const std::string& split,
                                   const std::string& subset, const InputOptions& options) {
  check_split(split, subset);
  std::vector<std::vector<fs::path>> cases;  // of each input
  for (const auto& input : inputs) cases.push_back(find_cases(input, options));
  std::vector<fs::path> chosen;
  if (split.empty()) {
    for (const auto& found : cases) chosen.insert(chosen.end(), found.begin(), found.end());
    return chosen;
  }

  const auto subsets = read_json(split);
  if (!subsets.contains(subset) || !subsets[subset].is_array()) {
    throw Error("{}: has no subset '{}'", split, subset);
  }
  std::set<std::string> wanted;
  for (const auto& name : subsets[subset]) {
    if (!name.is_string()) {
      throw Error("{}: subset '{}' holds {}, names of cases are expected", split, subset,
                  name.dump());
    }
    wanted.insert(name.get<std::string>());
  }
  const auto names = wanted;
  for (size_t i = 0; i < inputs.size(); ++i) {
    bool is_known = false;
    for (const auto& path : cases[i]) {
      const auto name = case_name(path);
      is_known = is_known || names.count(name) > 0;
      if (wanted.erase(name) > 0) chosen.push_back(path);
    }
    if (!is_known) {
      spdlog::warn("{}: none of its cases ({}) is in subset '{}', all are left out",
                   inputs[i].string(), cases[i].size(), subset);
    }
  }
  if (!wanted.empty()) {
    throw Error("{} of the cases of subset '{}' are missing in the input, '{}' among them",
                wanted.size(), subset, *wanted.begin());
  }
  return chosen;
}

void check_split(const std::string& split, const std::string& subset) {
  if (split.empty() != subset.empty())
    throw Error("split and subset belong together: give both or neither");
}

}  // namespace dmcvr
