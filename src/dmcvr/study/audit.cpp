// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/audit.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/failure.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/end_phase_guess.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/nifti_series.h"
#include "dmcvr/study/nnunet.h"
#include "dmcvr/study/pairs.h"
#include "dmcvr/study/series_checks.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/ukb.h"

#include <algorithm>
#include <map>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// A picture of the case with its labels, as far as there are some.
struct PictureFile {
  fs::path picture;
  fs::path labels;  // empty: none
};

bool ends_so(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

bool contains(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

// What reading said, without the path before it. Errors end in the way out, behind a semicolon.
Problem refusal_of(const fs::path& path, std::string text) {
  const std::string begin = without_ids(path.string()) + ": ";
  if (text.compare(0, begin.size(), begin) == 0) text.erase(0, begin.size());
  std::string remedy = "inputs.md in docs/reference lists what is read";
  const size_t way_out = text.rfind("; ");
  if (way_out != std::string::npos) {
    remedy = text.substr(way_out + 2);
    text.resize(way_out);
  }
  return {"refused", text, remedy, true};
}

// As people call it.
std::string title_of(const std::string& layout) {
  static const std::map<std::string, std::string> titles = {
      {"nifti", "NIfTI"},    {"acdc", "ACDC"},
      {"mnms", "M&Ms"},      {"mnms2", "M&Ms-2"},
      {"dicom", "DICOM"},    {"ukb", "UK Biobank"},
      {"nnunet", "nnU-Net"}, {"sunnybrook", "Sunnybrook"}};
  const auto title = titles.find(layout);
  return title == titles.end() ? layout : title->second;
}

bool is_of_dicom(const Audit& audit) {
  return audit.layout == "DICOM" || audit.layout == "UK Biobank" || audit.layout == "Sunnybrook";
}

// What becomes a nuisance where reconstruct does not look.
void pardon(FoundSeries& series) {
  for (Problem& problem : series.problems) {
    if (!problem.is_fatal) continue;
    problem.is_fatal = false;
    problem.remedy = "reconstruct does not read this file";
  }
}

// The stacks of a DICOM study. What cannot be listed is refused when it is read.
void add_dicom_series(const fs::path& path, std::vector<FoundSeries>& found, Audit& audit) {
  std::vector<std::vector<DicomStack>> stacks;
  try {
    const auto places = audit.layout == "UK Biobank"
                            ? list_ukb(path)
                            : std::vector<DicomPlace>{{path, list_dicom(path)}};
    stacks = find_dicom_stacks(places);
    for (const auto& place : places) {
      for (const Problem& problem : problems_of(place)) audit.problems.push_back(problem);
    }
  } catch (const Error& error) {
    audit.problems.push_back(refusal_of(path, error.what()));
    return;
  }
  for (const auto& of_place : stacks) {
    for (const DicomStack& stack : of_place) {
      AuditedSeries one;
      one.found = stack.series;
      one.is_read = stack.series.view != "other";
      one.has_labels = audit.layout == "Sunnybrook" && stack.series.view == "sax";
      check_series(one.found);
      if (!one.is_read) pardon(one.found);
      found.push_back(one.found);
      audit.series.push_back(std::move(one));
    }
  }
}

// All pictures of a subject's folder by name, each with the map of labels beside it.
std::vector<PictureFile> pictures_in(const fs::path& folder, const std::string& layout) {
  std::map<std::string, fs::path> files;
  for (const fs::path& file : files_ending_with(folder, ""))
    files[without_nifti_ending(file.filename().string())] = file;
  std::vector<PictureFile> pictures;
  for (const auto& [name, file] : files) {
    const bool is_truth = layout == "phantom" && name.compare(0, 6, "dense_") == 0;
    if (is_truth || ends_so(name, "_gt") || ends_so(name, "_labels")) continue;
    PictureFile found{file, {}};
    for (const auto* ending : {"_gt", "_labels"}) {
      const auto labels = files.find(name + ending);
      if (labels != files.end()) found.labels = labels->second;
    }
    pictures.push_back(found);
  }
  return pictures;
}

// Which files read_study opens.
bool is_read_by(const std::string& layout, const std::string& name, bool has_end_phases) {
  if (layout == "ACDC") return contains(name, "_frame");
  if (layout == "M&Ms") return ends_so(name, "_sa");
  if (layout == "M&Ms-2") {
    if (!has_end_phases) return ends_so(name, "_SA_CINE");
    return ends_so(name, "_ED") || ends_so(name, "_ES");
  }
  return true;
}

const LabelTable& table_of(const std::string& layout) {
  return layout == "ACDC" ? acdc_label_table() : label_table();
}

void check_label_header(const PictureFile& file, FoundSeries& series) {
  const FoundSeries labels = nifti_series(file.labels);
  const std::string name = file.labels.filename().string();
  if (!labels.problems.empty() && labels.problems.back().code == "unreadable") {
    series.problems.push_back({"unreadable_labels", name + ": " + labels.problems.back().text,
                               "fetch the file again, or take it away", true});
  } else if (!same_grid(labels.grid, series.grid) || labels.phases != series.phases) {
    const auto& a = labels.grid.size;
    const auto& b = series.grid.size;
    series.problems.push_back(
        {"label_grid",
         a == b && labels.phases == series.phases
             ? fmt::format("{} lies elsewhere in the patient than its picture", name)
             : fmt::format("{} has {}x{}x{} voxels in {} phases, its picture {}x{}x{} in {}", name,
                           a[0], a[1], a[2], labels.phases, b[0], b[1], b[2], series.phases),
         "draw the labels on the grid of the picture, or take them away", true});
  }
}

// Phases in files of their own that do not fit onto each other, or are not there.
void check_phase_files(Audit& audit) {
  if (audit.layout != "ACDC" && audit.layout != "M&Ms-2") return;
  const FoundSeries* first = nullptr;
  int64_t count = 0;
  for (const AuditedSeries& one : audit.series) {
    if (!one.is_read || one.found.view != "sax") continue;
    ++count;
    if (first == nullptr) {
      first = &one.found;
    } else if (!same_grid(one.found.grid, first->grid)) {
      audit.problems.push_back(
          {"mixed_grids",
           fmt::format("{} and {} lie on different grids", first->name, one.found.name),
           "resample one of them onto the other's grid", true});
    }
  }
  const bool is_film = count == 1 && first->phases > 1;
  if (count == 2 || is_film) return;
  const bool is_acdc = audit.layout == "ACDC";
  if (count < 2) {
    audit.problems.push_back({"missing_phase",
                              fmt::format("pictures of {} phases, ED and ES are expected", count),
                              is_acdc || count == 0 ? "fetch the missing picture"
                                                    : "the phase that is there is reconstructed",
                              is_acdc || count == 0});
  }
}

Problem damage(const std::string& code, const std::string& file, const Error& error,
               const fs::path& path, const std::string& remedy) {
  const std::string text = error.what(), begin = without_ids(path.string()) + ": ";
  return {
      code,
      file + ": " + (text.compare(0, begin.size(), begin) == 0 ? text.substr(begin.size()) : text),
      remedy, true};
}

// Two maps of labels beside a picture are refused when it is read.
fs::path pair_labels(const fs::path& picture) {
  try {
    return labels_beside(picture);
  } catch (const Error&) {
    return {};
  }
}

// What only the voxels tell. Looked for where reading the study has failed.
void check_voxels(const std::vector<PictureFile>& files, Audit& audit) {
  for (size_t n = 0; n < files.size(); ++n) {
    AuditedSeries& one = audit.series[n];
    if (!one.is_read) continue;
    const auto& [picture, labels] = files[n];
    Cine cine;
    try {
      cine = read_nifti(picture);
    } catch (const Error& error) {
      one.found.problems.push_back(damage("damaged_voxels", picture.filename().string(), error,
                                          picture, "fetch or write the file again"));
    }
    for (int64_t phase = 0; cine.voxels.defined() && phase < cine.phase_count(); ++phase) {
      if (!(cine.voxels[phase] == cine.voxels[phase].flatten()[0]).all().item<bool>()) continue;
      one.found.problems.push_back(
          {"empty_phase",
           fmt::format("phase {} of {} is the same everywhere", phase + 1, cine.phase_count()),
           "take the phase out of the film", true});
    }
    const bool has_own_table = audit.layout == "pairs" || audit.layout == "nnU-Net";
    if (labels.empty() || has_own_table) continue;
    try {
      read_nifti_labels(labels, table_of(audit.layout));
    } catch (const Error& error) {
      one.found.problems.push_back(damage("label_values", labels.filename().string(), error, labels,
                                          "draw the labels with the values of the table"));
    }
  }
}

// What reading said and headers did not.
void add_new(const std::vector<Problem>& said, Audit& audit) {
  for (const Problem& problem : said) {
    const auto is_same = [&](const Problem& known) {
      return known.code == problem.code && known.text == problem.text;
    };
    const auto has = [&](const std::vector<Problem>& problems) {
      return std::any_of(problems.begin(), problems.end(), is_same);
    };
    if (has(audit.problems) ||
        std::any_of(audit.series.begin(), audit.series.end(),
                    [&](const AuditedSeries& one) { return has(one.found.problems); }))
      continue;
    audit.problems.push_back(problem);
  }
}

void read_as_reconstruct(const fs::path& path, const std::vector<PictureFile>& files,
                         const InputOptions& input, Audit& audit) {
  // Whatever it is that keeps one study from being read, memory included, others go on.
  const std::string failure = failure_of([&] {
    const Study study = read_study(path, {}, input);
    for (size_t n = 0; n < study.phase_names.size() && !study.frames.empty(); ++n) {
      if (study.phase_names[n] == "ed") audit.ed_frame = study.frames[n];
      if (study.phase_names[n] == "es") audit.es_frame = study.frames[n];
    }
    if (!audit.ed_frame || !audit.es_frame) {
      if (const auto guess = guess_end_phases(study.sax)) {
        audit.ed_frame = guess->ed;
        audit.es_frame = guess->es;
        audit.are_ends_guessed = true;
      }
    }
    const auto is_view = [](const AuditedSeries& one) {
      return one.is_read && one.found.view != "sax" && one.found.view != "other";
    };
    add_new(study.problems, audit);
    const bool is_said =
        std::any_of(audit.problems.begin(), audit.problems.end(),
                    [](const Problem& problem) { return problem.code == "view_left_out"; });
    if (study.views.empty() && !is_said &&
        std::any_of(audit.series.begin(), audit.series.end(), is_view)) {
      audit.problems.push_back({"view_left_out",
                                "phases of the long-axis view and of the short axis do not belong "
                                "together",
                                "the short axis is reconstructed, the view is left out"});
    }
  });
  if (failure.empty() || audit.verdict() == Verdict::refused) return;
  failure_of([&] { check_voxels(files, audit); });
  if (audit.verdict() == Verdict::refused) return;
  audit.problems.push_back(refusal_of(path, failure));
}

}  // namespace

Verdict Audit::verdict() const {
  Verdict verdict = problems.empty() ? Verdict::clean : Verdict::repaired;
  const auto take = [&](const std::vector<Problem>& found) {
    for (const Problem& problem : found) {
      if (problem.is_fatal) verdict = Verdict::refused;
      if (verdict == Verdict::clean) verdict = Verdict::repaired;
    }
  };
  take(problems);
  for (const AuditedSeries& one : series) take(one.found.problems);
  return verdict;
}

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::clean:
      return "clean";
    case Verdict::repaired:
      return "repaired";
    case Verdict::refused:
      return "refused";
  }
  return "";
}

namespace {

Audit audit_packed(const fs::path& path, const PackedPlace& place, bool headers_only,
                   const InputOptions& input) {
  Audit audit;
  try {
    with_unpacked_study(place, {}, input, [&](const fs::path& unpacked) {
      audit = audit_study(unpacked, headers_only, input);
    });
  } catch (const Error& error) {
    audit.problems.push_back(refusal_of(path, error.what()));
  }
  audit.name = case_name(path);
  return audit;
}

}  // namespace

Audit audit_study(const fs::path& path, bool headers_only, const InputOptions& input) {
  if (const auto place = packed_place(path)) return audit_packed(path, *place, headers_only, input);
  if (path.empty() || !fs::exists(path)) throw Error("{}: no such file or folder", path.string());
  Audit audit;
  audit.name = case_name(path);
  audit.layout = title_of(layout_of(path, input));
  std::vector<PictureFile> files;
  if (fs::is_directory(path) && !is_of_dicom(audit)) {
    files = pictures_in(path, audit.layout);
  } else if (audit.layout == "nnU-Net") {
    files = {{path, nnunet_labels(path)}};
  } else if (audit.layout == "pairs") {
    files = {{path, pair_labels(path)}};
  } else if (is_nifti(path)) {
    files = {{path, {}}};
  }

  const bool has_end_phases = std::any_of(files.begin(), files.end(), [](const PictureFile& file) {
    const std::string name = without_nifti_ending(file.picture.filename().string());
    return ends_so(name, "_SA_ED") || ends_so(name, "_SA_ES");
  });
  std::vector<FoundSeries> found;
  for (const PictureFile& file : files) {
    AuditedSeries one;
    one.found = nifti_series(file.picture);
    one.is_read = is_read_by(audit.layout, one.found.name, has_end_phases);
    one.has_labels = !file.labels.empty();
    if (one.has_labels) check_label_header(file, one.found);
    if (!one.is_read) pardon(one.found);
    found.push_back(one.found);
    audit.series.push_back(std::move(one));
  }
  if (is_of_dicom(audit)) add_dicom_series(path, found, audit);
  const auto together = check_together(found);
  audit.problems.insert(audit.problems.end(), together.begin(), together.end());
  audit.shares_frame = share_frame(found);
  check_phase_files(audit);
  if (!headers_only) read_as_reconstruct(path, files, input, audit);
  return audit;
}

}  // namespace dmcvr
