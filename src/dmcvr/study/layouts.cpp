// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/layouts.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/failure.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/acdc.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/label_values.h"
#include "dmcvr/study/mnms.h"
#include "dmcvr/study/nnunet.h"
#include "dmcvr/study/packed_nifti.h"
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

// A path through an archive that can only be one of nnU-Net's.
bool is_packed_nnunet_name(const fs::path& path) {
  const fs::path folder = path.parent_path().filename();
  std::error_code failure;
  return (folder == "imagesTr" || folder == "imagesTs") && !fs::exists(path, failure) &&
         ends_with(without_nifti_ending(path.filename().string()), "_0000");
}

}  // namespace

bool is_named_by_content(const fs::path& path) {
  return !keeps_ids() && has_participant_name(path);
}

std::string case_name(const fs::path& path) {
  if (is_named_by_content(path)) return ukb_case_name(path);
  if (is_nnunet_case(path) || is_packed_nnunet_name(path)) return nnunet_case_name(path);
  const fs::path clean = fs::absolute(path).lexically_normal();
  const std::string name = (clean.has_filename() ? clean : clean.parent_path()).filename().string();
  for (const auto* ending : {".zip", ".tar.gz", ".tgz", ".tar", ".dcm"}) {
    if (name.size() > std::strlen(ending) && ends_with(name, ending))
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
  try {
    check_phase_names(study.phase_names);
  } catch (const Error& error) {
    throw error.in((folder / "truth.json").string());
  }
  study.labels = read_nifti_labels(folder / "sax_labels.nii.gz", label_table());
  for (const auto* name : {"sax_labels.nii.gz", "truth.json"})
    study.inputs.push_back(input_file(folder / name));
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

}  // namespace

std::string expected_layout(const InputOptions& input) {
  for (const Layout& layout : kLayouts) {
    if (input.layout == layout.word)
      return fmt::format("{}, as layout {} asks; auto finds out", layout.what, layout.word);
  }
  std::vector<std::string> all;
  for (const Layout& layout : kLayouts) all.emplace_back(layout.what);
  return fmt::format("{}", fmt::join(all, ", or "));
}

namespace {

void check_there(const fs::path& path) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found || path.empty())
    throw Error("{}: no such file or folder", path.string());
  if (failure) throw Error("{}: {}", path.string(), failure.message());
  if (fs::is_directory(status) && ::access(path.c_str(), R_OK | X_OK) != 0)
    throw Error("{}: {}", path.string(), std::strerror(errno));
}

bool is_among(const InputFile& file, const std::vector<InputFile>& files) {
  return std::any_of(files.begin(), files.end(), [&](const InputFile& other) {
    return other.name == file.name && other.sha256 == file.sha256;
  });
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
  if (const auto place = packed_place(path, limits)) {
    Study study;
    with_unpacked_study(*place, limits, input, [&](const fs::path& unpacked) {
      study = read_study(unpacked, limits, input);
    });
    study.name = case_name(path);
    return study;
  }
  check_there(path);
  const Layout* layout = find_layout(path, input);
  if (layout == nullptr && input.layout == "auto" && !fs::is_directory(path)) {
    throw Error(
        "{}: neither a NIfTI file, whose name ends in .nii or .nii.gz, nor DICOM, nor a zip or tar "
        "of such",
        path.string());
  }
  if (layout == nullptr)
    throw Error("{}: not a study: expected {}", path.string(), expected_layout(input));
  ProblemLog log;
  Study study = layout->read(path, {limits, input});
  study.name = case_name(path);
  const std::vector<int64_t> values = label_values(study.sax);
  if (!values.empty()) {
    say(study.name, {"looks_like_labels",
                     fmt::format("its voxels are {} alone, as those of a map of labels",
                                 fmt::join(values, ", ")),
                     "taken as it is; name the picture that the map was drawn on"});
  }
  study.problems = log.problems;
  return study;
}

std::optional<Study> read_film(const fs::path& path, const InputOptions& input) {
  if (const auto place = packed_place(path)) {
    std::optional<Study> film;
    with_unpacked_study(*place, {}, input,
                        [&](const fs::path& unpacked) { film = read_film(unpacked, input); });
    if (film) film->name = case_name(path);
    return film;
  }
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

bool has_inputs(const fs::path& path, const std::vector<InputFile>& inputs,
                const ArchiveLimits& limits, const InputOptions& input, LaterFiles later) {
  bool are_same = false;
  // What keeps it from being read is said where it is read.
  const std::string failure = failure_of([&] {
    const ProblemLog silent(/*is_said=*/false);
    const auto now = read_study(path, limits, input).inputs;
    const auto is_there = [&](const InputFile& file) {
      const fs::path beside = path / file.name;  // such as a phantom's dense truth
      return is_among(file, now) || (is_file(beside) && sha256_of_file(beside) == file.sha256);
    };
    are_same = std::all_of(inputs.begin(), inputs.end(), is_there) &&
               (later == LaterFiles::pass ||
                std::all_of(now.begin(), now.end(),
                            [&](const InputFile& file) { return is_among(file, inputs); }));
  });
  return failure.empty() && are_same;
}

}  // namespace dmcvr
