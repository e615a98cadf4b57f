// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/mnms.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/csv.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/problem_log.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kTableLevels = 5;  // OpenDataset/Training/Labeled/CODE, and one to spare
// Tables hold 0 or "N/A" for what was not asked.
constexpr double kLeastCm = 50, kMostCm = 250, kLeastKg = 2, kMostKg = 400;

// ---- M&Ms: the table ----

struct EndPhases {
  int64_t ed = -1, es = -1;  // frames from 0; -1: unknown
  std::optional<double> height_cm, weight_kg;
  std::string row;  // of the table, as it stands there

  bool are_known() const { return ed >= 0 && es >= 0 && ed != es; }
};

bool is_mnms_table(const fs::path& path) {
  std::string name = path.filename().string();
  for (char& letter : name)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return name.front() != '.' && path.extension() == ".csv" &&
         name.find("opendataset") != std::string::npos && is_file(path);
}

fs::path mnms_table_above(const fs::path& folder) {
  fs::path place = fs::absolute(folder / "").lexically_normal().parent_path();
  for (int64_t level = 0; level < kTableLevels && place.has_relative_path(); ++level) {
    place = place.parent_path();
    fs::path last;
    std::error_code failure;
    for (fs::directory_iterator entry(place, failure), end; !failure && entry != end;
         entry.increment(failure)) {
      if (is_mnms_table(entry->path()) && entry->path() > last) last = entry->path();
    }
    if (!last.empty()) return last;
  }
  return {};
}

// The row of a subject; empty fields are unknown, and so is all where there is no row.
EndPhases end_phases_in(const fs::path& path, const std::string& code) {
  const CsvTable table = read_csv(path);
  std::array<size_t, 3> places{};
  const std::array<const char*, 3> names = {"External code", "ED", "ES"};
  for (size_t n = 0; n < names.size(); ++n) {
    const auto place = table.column(names[n]);
    if (!place) {
      throw Error("{}: has no column '{}'; columns are {}", path.string(), names[n],
                  fmt::join(table.columns, ", "));
    }
    places[n] = *place;
  }
  EndPhases found;
  for (const auto& row : table.rows) {
    if (row[places[0]] != code) continue;
    const auto frame = [&](size_t n) -> int64_t {
      const std::string& text = row[places[n]];
      if (text.empty()) return -1;
      const auto value = number_in(text);
      if (!value || *value < 0 || *value != std::floor(*value) || *value > 1e6) {
        throw Error("{}: '{}' as the {} of {}, the number of a frame from 0 is expected",
                    path.string(), text, names[n], code);
      }
      return static_cast<int64_t>(*value);
    };
    const auto within = [&](const char* name, double low, double high) -> std::optional<double> {
      const auto place = table.column(name);
      const auto value = place ? number_in(row[*place]) : std::nullopt;
      return value && *value >= low && *value <= high ? value : std::nullopt;
    };
    found.ed = frame(1);
    found.es = frame(2);
    found.row = fmt::format("{}", fmt::join(row, "\n"));
    found.height_cm = within("Height", kLeastCm, kMostCm);
    found.weight_kg = within("Weight", kLeastKg, kMostKg);
    break;
  }
  return found;
}

std::string mnms_code(const fs::path& image) {
  const std::string name = without_nifti_ending(image.filename().string());
  return name.substr(0, name.size() - 3);  // "_sa"
}

EndPhases mnms_end_phases(const fs::path& table, const fs::path& image, int64_t phases) {
  EndPhases ends = end_phases_in(table, mnms_code(image));
  if (!ends.are_known()) {
    ends.ed = ends.es = -1;
    say(table.string(),
        {"unnamed_end_phases", fmt::format("does not name ED and ES of {}", mnms_code(image)),
         "labels name them, or volumes do"});
  }
  for (const int64_t frame : {ends.ed, ends.es}) {
    if (frame < phases) continue;
    throw Error("{}: calls frame {} ED or ES, the film has {} (from 0)", table.string(), frame,
                phases);
  }
  return ends;
}

// ---- M&Ms: film and labels ----

int64_t lvc_voxels(const Labels& labels, int64_t frame) {
  return (labels.voxels[frame] == kLvc).sum().item<int64_t>();
}

// What the labels say of ED and ES, where the table says nothing or something else.
void settle_by_labels(const Labels& labels, const fs::path& truth, EndPhases& ends) {
  std::vector<int64_t> labeled;
  for (int64_t frame = 0; frame < labels.phase_count(); ++frame) {
    if (labels.voxels[frame].any().item<bool>()) labeled.push_back(frame);
  }
  const auto has = [&](int64_t frame) {
    return std::find(labeled.begin(), labeled.end(), frame) != labeled.end();
  };
  if (ends.are_known() && has(ends.ed) && has(ends.es)) return;
  if (labeled.size() < 2) {
    throw Error("{}: labels in {} of {} frames, those of ED and ES are expected", truth.string(),
                labeled.size(), labels.phase_count());
  }
  const auto [least, most] = std::minmax_element(
      labeled.begin(), labeled.end(),
      [&](int64_t a, int64_t b) { return lvc_voxels(labels, a) < lvc_voxels(labels, b); });
  if (ends.are_known()) {
    say(truth.string(),
        {"unlabeled_end_phases",
         fmt::format("frames {} and {}, which the table calls ED and ES, are not both labeled",
                     ends.ed, ends.es),
         fmt::format("ED {} and ES {} are told from the labels", *most, *least)});
  }
  ends.ed = *most;
  ends.es = *least;
}

// Only these frames of a film, in their order.
Study with_frames(const Study& film, const std::vector<std::pair<int64_t, std::string>>& frames) {
  Study study = film;
  study.frames.clear();
  study.phase_names.clear();
  study.sax.times_ms.clear();
  for (const auto& [frame, name] : frames) {
    study.frames.push_back(frame);
    study.phase_names.push_back(name);
    if (!film.sax.times_ms.empty())
      study.sax.times_ms.push_back(film.sax.times_ms[static_cast<size_t>(frame)]);
  }
  const auto index = torch::tensor(study.frames, torch::kInt64);
  study.sax.voxels = film.sax.voxels.index_select(0, index);
  if (film.labels) study.labels->voxels = film.labels->voxels.index_select(0, index);
  return study;
}

// The film, all of it, with its labels; and which frames are ED and ES.
struct MnmsFilm {
  Study study;
  EndPhases ends;
};

MnmsFilm read_whole_film(const fs::path& folder) {
  const fs::path image = file_ending_with(folder, "_sa"),
                 truth = file_ending_with(folder, "_sa_gt");
  MnmsFilm film;
  Study& study = film.study;
  study.source = "M&Ms";
  study.sax = read_nifti(image);
  check_stack(study.sax, image);
  number_phases(study);
  study.inputs = {input_file(image)};
  if (const fs::path table = mnms_table_above(folder); !table.empty()) {
    film.ends = mnms_end_phases(table, image, study.sax.phase_count());
    // Of the subject's row alone: others come and go.
    study.inputs.push_back({without_ids(table.filename().string()), sha256_of(film.ends.row)});
  }
  study.height_cm = film.ends.height_cm;
  study.weight_kg = film.ends.weight_kg;
  if (!truth.empty()) {
    study.labels = read_nifti_labels(truth, label_table());
    study.inputs.push_back(input_file(truth));
    if (!same_grid(study.labels->grid, study.sax.grid) ||
        study.labels->phase_count() != study.sax.phase_count()) {
      throw Error("{}: has another grid or another number of frames than {}", truth.string(),
                  image.filename().string());
    }
    settle_by_labels(*study.labels, truth, film.ends);
  }
  return film;
}

// ---- M&Ms-2 ----

// "_SA" or "_LA": ED, then ES, as far as they are there.
std::vector<PhaseFile> mnms2_phases(const fs::path& folder, const std::string& view) {
  std::vector<PhaseFile> phases;
  for (const auto& [name, word] : {std::pair{"ed", "_ED"}, std::pair{"es", "_ES"}}) {
    PhaseFile phase;
    phase.name = name;
    phase.image = file_ending_with(folder, view + word);
    phase.truth = file_ending_with(folder, view + word + "_gt");
    if (!phase.image.empty()) phases.push_back(phase);
  }
  return phases;
}

// The four-chamber view with the phases of the short axis; nothing where it does not fit.
std::optional<View> mnms2_view(const fs::path& folder, Study& study) {
  const auto phases = mnms2_phases(folder, "_LA");
  if (phases.empty()) return std::nullopt;
  std::vector<torch::Tensor> pictures, labels;
  std::vector<InputFile> inputs;
  View view{"4ch", {}, {}};
  bool fits = phases.size() == study.phase_names.size();
  for (size_t n = 0; n < phases.size() && fits; ++n) {
    const Cine picture = read_nifti(phases[n].image);
    if (n == 0) view.cine.grid = picture.grid;
    fits = phases[n].name == study.phase_names[n] && picture.phase_count() == 1 &&
           picture.grid.size[2] == 1 && same_grid(picture.grid, view.cine.grid);
    if (!fits) break;
    pictures.push_back(picture.voxels);
    inputs.push_back(input_file(phases[n].image));
    if (phases[n].truth.empty()) continue;
    const Labels expert = read_nifti_labels(phases[n].truth, label_table());
    fits = expert.phase_count() == 1 && same_grid(expert.grid, view.cine.grid);
    if (fits) labels.push_back(expert.voxels);
    inputs.push_back(input_file(phases[n].truth));
  }
  if (!fits) {
    say(folder.string(), {"view_left_out",
                          "phases of the long-axis view and of the short axis do not belong "
                          "together",
                          "the short axis is reconstructed, the view is left out"});
    return std::nullopt;
  }
  view.cine.voxels = torch::cat(pictures);
  if (labels.size() == pictures.size()) view.labels = Labels{view.cine.grid, torch::cat(labels)};
  study.inputs.insert(study.inputs.end(), inputs.begin(), inputs.end());
  return view;
}

Study whole_mnms2_film(const fs::path& path) {
  Study film;
  film.source = "M&Ms-2";
  film.sax = read_nifti(path);
  check_stack(film.sax, path);
  number_phases(film);
  film.inputs = {input_file(path)};
  return film;
}

}  // namespace

bool is_mnms_subject(const fs::path& folder) {
  const auto images = files_ending_with(folder, "_sa");
  if (images.size() != 1) return false;
  const fs::path name = fs::absolute(folder / "").lexically_normal().parent_path().filename();
  return name == mnms_code(images.front()) || files_ending_with(folder, "_sa_gt").size() == 1;
}

bool is_mnms2_subject(const fs::path& folder) {
  return files_ending_with(folder, "_SA_ED").size() == 1 ||
         files_ending_with(folder, "_SA_CINE").size() == 1;
}

Study read_mnms_subject(const fs::path& folder) {
  const MnmsFilm film = read_whole_film(folder);
  const EndPhases& ends = film.ends;
  if (!ends.are_known()) return film.study;
  std::vector<std::pair<int64_t, std::string>> frames = {{ends.ed, "ed"}, {ends.es, "es"}};
  std::sort(frames.begin(), frames.end());
  return with_frames(film.study, frames);
}

std::optional<Study> read_mnms_film(const fs::path& folder) {
  MnmsFilm film = read_whole_film(folder);
  if (!film.ends.are_known() || film.study.sax.phase_count() <= 2) return std::nullopt;
  film.study.phase_names[static_cast<size_t>(film.ends.ed)] = "ed";
  film.study.phase_names[static_cast<size_t>(film.ends.es)] = "es";
  film.study.labels.reset();
  return film.study;
}

Study read_mnms2_subject(const fs::path& folder) {
  const auto phases = mnms2_phases(folder, "_SA");
  if (phases.empty()) return whole_mnms2_film(file_ending_with(folder, "_SA_CINE"));
  Study study;
  study.source = "M&Ms-2";
  join_phases(study, phases, label_table());
  if (auto view = mnms2_view(folder, study)) study.views.push_back(std::move(*view));
  return study;
}

std::optional<Study> read_mnms2_film(const fs::path& folder) {
  const fs::path path = file_ending_with(folder, "_SA_CINE");
  const auto phases = mnms2_phases(folder, "_SA");
  if (path.empty() || phases.empty()) return std::nullopt;
  Study film = whole_mnms2_film(path);
  for (const PhaseFile& phase : phases) {
    const Cine picture = read_nifti(phase.image);
    for (int64_t frame = 0; frame < film.sax.phase_count(); ++frame) {
      if (!same_grid(picture.grid, film.sax.grid)) break;
      if (picture.voxels[0].equal(film.sax.voxels[frame])) {
        film.phase_names[static_cast<size_t>(frame)] = phase.name;
        break;
      }
    }
  }
  return film;
}

}  // namespace dmcvr
