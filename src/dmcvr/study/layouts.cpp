// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/acdc.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/mnms.h"
#include "dmcvr/study/nnunet.h"
#include "dmcvr/study/pairs.h"
#include "dmcvr/study/problem_log.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/sunnybrook.h"
#include "dmcvr/study/ukb.h"
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

bool is_named_by_content(const fs::path& path) {
  return !keeps_ids() && has_participant_name(path);
}

std::string case_name(const fs::path& path) {
  if (is_named_by_content(path)) return ukb_case_name(path);
  if (is_nnunet_case(path)) return nnunet_case_name(path);
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

// ---- the layouts ----

struct Request {
  const ArchiveLimits& limits;
  const InputOptions& input;
};

struct Layout {
  const char* word;  // of layout_words()
  const char* what;  // that is expected
  bool (*is_one)(const fs::path& path);
  Study (*read)(const fs::path& path, const Request& request);
  std::optional<Study> (*read_film)(const fs::path& path);
};

template <Study (*Read)(const fs::path&)>
Study read_plainly(const fs::path& path, const Request&) {
  return Read(path);
}

template <Study (*Read)(const fs::path&, const ArchiveLimits&)>
Study read_within_limits(const fs::path& path, const Request& request) {
  return Read(path, request.limits);
}

Study read_pair(const fs::path& path, const Request& request) {
  Study study = read_nifti_study(path);
  add_paired_labels(study, path, request.input.labels_are, request.input.layout == "pairs");
  return study;
}

bool is_nifti_file(const fs::path& path) {
  return is_nifti(path) && is_file(path);
}

bool is_dicom_input(const fs::path& path) {
  return fs::is_directory(path) ? is_dicom_subject(path) : is_archive(path) || is_dicom_file(path);
}

// In the order of layout_words(): what is told by more goes first.
constexpr Layout kLayouts[] = {
    {"phantom", "a folder of dmcvr phantom", is_phantom, read_plainly<read_phantom_study>, nullptr},
    {"acdc", "a patient's folder of ACDC (with Info.cfg)", is_acdc_patient,
     read_plainly<read_acdc_patient>, read_acdc_film},
    {"mnms", "a subject's folder of M&Ms (NAME_sa.nii.gz)", is_mnms_subject,
     read_plainly<read_mnms_subject>, read_mnms_film},
    {"mnms2", "a subject's folder of M&Ms-2 (NAME_SA_ED.nii.gz)", is_mnms2_subject,
     read_plainly<read_mnms2_subject>, read_mnms2_film},
    {"ukb", "a short axis of UK Biobank (EID_20209_2_0.zip)", is_ukb_study,
     read_within_limits<read_ukb_study>, nullptr},
    {"sunnybrook", "a patient's folder of Sunnybrook (DICOM beside contours/)",
     is_sunnybrook_patient, read_within_limits<read_sunnybrook_patient>, nullptr},
    {"nnunet", "a data set of nnU-Net, or a picture of one (imagesTr/CASE_0000.nii.gz)",
     is_nnunet_case, read_plainly<read_nnunet_case>, nullptr},
    {"pairs", "a NIfTI file with its labels beside it (NAME_gt.nii.gz, _seg, _label, _labels)",
     is_pair, read_pair, nullptr},
    {"nifti", "a NIfTI file (.nii, .nii.gz)", is_nifti_file, read_plainly<read_nifti_study>,
     nullptr},
    {"dicom", "DICOM films (folder, zip, tar or multi-frame file)", is_dicom_input,
     read_within_limits<read_dicom_study>, nullptr},
};

const Layout* find_layout(const fs::path& path, const InputOptions& input) {
  for (const Layout& layout : kLayouts) {
    const bool is_asked = input.layout == "auto" || input.layout == layout.word;
    if (is_asked && layout.is_one(path)) return &layout;
  }
  return nullptr;
}

// What was expected, in the words of the layout, or of all.
std::string expectation(const InputOptions& input) {
  for (const Layout& layout : kLayouts) {
    if (input.layout == layout.word)
      return fmt::format("{}, as layout {} asks; auto finds out", layout.what, layout.word);
  }
  std::vector<std::string> all;
  for (const Layout& layout : kLayouts) all.emplace_back(layout.what);
  return fmt::format("{}", fmt::join(all, ", or "));
}

// ---- cases ----

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
  return find_layout(path, input) != nullptr;
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

void check_there(const fs::path& path) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found || path.empty())
    throw Error("{}: no such file or folder", path.string());
  if (failure) throw Error("{}: {}", path.string(), failure.message());
  if (fs::is_directory(status) && ::access(path.c_str(), R_OK | X_OK) != 0)
    throw Error("{}: {}", path.string(), std::strerror(errno));
}

// The file behind a name in Study::inputs.
fs::path file_behind(const fs::path& source, const std::string& name) {
  std::error_code failure;
  if (fs::is_directory(source, failure)) return source / name;
  const fs::path folder = fs::absolute(source).lexically_normal().parent_path();
  if (is_nnunet_case(source) && !is_file(folder / name)) {
    const std::string images = folder.filename().string();
    return folder.parent_path() / ("labels" + images.substr(6)) / name;
  }
  std::string file = name;
  const auto participant = participant_file(source.filename().string());
  if (participant && name.front() == '*') file = participant->id + name.substr(1);
  return folder / file;
}

}  // namespace

bool is_phantom(const fs::path& path) {
  return is_file(path / "truth.json") && is_file(path / "sax.nii.gz");
}

std::string layout_of(const fs::path& path, const InputOptions& input) {
  const Layout* layout = find_layout(path, input);
  return layout == nullptr ? "" : layout->word;
}

Study read_study(const fs::path& path, const ArchiveLimits& limits, const InputOptions& input) {
  check_there(path);
  const Layout* layout = find_layout(path, input);
  if (layout == nullptr && input.layout == "auto" && !fs::is_directory(path)) {
    throw Error(
        "{}: neither a NIfTI file, whose name ends in .nii or .nii.gz, nor DICOM, nor a zip or tar "
        "with DICOM films",
        path.string());
  }
  if (layout == nullptr)
    throw Error("{}: not a study: expected {}", path.string(), expectation(input));
  ProblemLog log;
  Study study = layout->read(path, {limits, input});
  study.name = case_name(path);
  study.problems = log.problems;
  return study;
}

std::optional<Study> read_film(const fs::path& path, const InputOptions& input) {
  const Layout* layout = find_layout(path, input);
  if (layout == nullptr || layout->read_film == nullptr) return std::nullopt;
  auto film = layout->read_film(path);
  if (film) film->name = case_name(path);
  return film;
}

bool is_subject_folder(const fs::path& path, const InputOptions& input) {
  std::error_code failure;
  return fs::is_directory(path, failure) && find_layout(path, input) != nullptr;
}

std::vector<fs::path> find_cases(const fs::path& path, const InputOptions& input) {
  if (!fs::exists(path)) throw Error("{}: no such file or folder", path.string());
  if (find_layout(path, input) != nullptr) return {path};
  if (!fs::is_directory(path))
    throw Error("{}: not a study: expected {}", path.string(), expectation(input));
  auto cases = case_files(path, input);
  const bool has_files = !cases.empty();
  const auto is_wanted = [&](const fs::path& folder) {
    return is_subject_folder(folder, input) || holds_case_files(folder, input);
  };
  for (const auto& folder :
       is_nnunet_dataset(path) ? std::vector<fs::path>() : folders_below(path, is_wanted)) {
    if (has_files && !fs::equivalent(folder.parent_path(), path)) continue;
    if (is_subject_folder(folder, input)) {
      cases.push_back(folder);
    } else {
      for (auto& file : case_files(folder, input)) cases.push_back(std::move(file));
    }
  }
  if (cases.empty()) {
    throw Error("{}: holds no study{}", path.string(),
                input.layout == "auto" ? "" : ": expected " + expectation(input));
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

bool has_inputs(const fs::path& path, const std::vector<InputFile>& inputs) {
  const auto is_same = [&](const InputFile& input) {
    const fs::path file = file_behind(path, input.name);
    if (is_file(file)) return sha256_of_file(file) == input.sha256;
    // DICOM films as a whole are known by the name of the case.
    return input.name == case_name(path) && is_dicom_input(path) &&
           list_dicom(path).digest == input.sha256;
  };
  try {
    if (is_ukb_study(path) && !inputs.empty() && inputs.front().name != case_name(path)) {
      const auto now = ukb_inputs(path);
      return std::equal(now.begin(), now.end(), inputs.begin(), inputs.end(),
                        [](const InputFile& a, const InputFile& b) {
                          return a.name == b.name && a.sha256 == b.sha256;
                        });
    }
    return std::all_of(inputs.begin(), inputs.end(), is_same);
  } catch (const Error&) {  // said when it is read
    return false;
  }
}

}  // namespace dmcvr
