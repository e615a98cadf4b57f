// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/label_maps.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/measures/label_order.h"
#include "dmcvr/report/labeled_heart.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// A film and its truth lie on planes along one normal, from the first slice to the last.
constexpr double kSamePlaceMm = 0.1;

// ---- which value is what ----

struct Order {
  LabelTable table;
  bool is_assumed = false;
};

Order order_of(const fs::path& file, const std::string& order) {
  if (!order.empty()) return {label_table_from(order)};
  const std::string described = read_nifti_header(file).descrip;
  try {
    const auto table = described_labels(described);
    return table ? Order{*table} : Order{label_table(), true};
  } catch (const Error&) {
    throw Error(
        "{}: its header describes the values as {}, which are no labels of LVC, LVM and RVC; if "
        "they are, say so by --labels-are",
        file.string(), described);
  }
}

// The order that the shapes speak for, in the values of the file.
LabelTable in_values_of(const LabelTable& better, const LabelTable& claimed) {
  LabelTable result;
  const auto ours = mapping(claimed, label_table());
  for (const auto& [value, name] : claimed) result[value] = better.at(ours.at(value));
  return result;
}

std::string option_for(const LabelTable& table) {
  if (table == acdc_label_table()) return "acdc";
  if (table == label_table()) return "dmcvr";
  std::string list = to_string(table);
  std::replace(list.begin(), list.end(), ' ', ',');
  return list;
}

// A wrong order gives wrong numbers in silence.
void check_order(const std::string& name, const Order& order, LabeledHeart& heart) {
  const auto better = better_label_order(heart.slices);
  if (!better) return;
  const LabelTable shapes = in_values_of(*better, order.table);
  if (order.is_assumed) {
    throw Error(
        "{}: by their shapes the labels are {}; choose --labels-are {}, or --labels-are dmcvr if "
        "they are {}",
        name, to_string(shapes), option_for(shapes), to_string(order.table));
  }
  heart.notes.push_back(fmt::format("by their shapes the labels are {} rather than {}",
                                    to_string(shapes), to_string(order.table)));
}

// ---- phases ----

std::vector<std::string> name_words(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char letter : name) {
    if (std::string("_-. ").find(letter) != std::string::npos) {
      words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  return words;
}

// The last word counts: studies may be called anything, phases stand at the end.
std::string phase_of(const fs::path& file) {
  std::string phase = case_name(file);
  for (std::string word : name_words(phase)) {
    for (char& letter : word)
      letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    if (word == "ed" || word == "es") phase = word;
  }
  return phase;
}

// By the phases in their names, else their names, the phases in their folders' names, or numbers:
// the first by which no two are alike.
std::vector<std::string> distinct_phase_names(const std::vector<fs::path>& files) {
  std::vector<std::string> names(files.size());
  const auto are_distinct_by = [&](const std::function<std::string(const fs::path&)>& name_of) {
    std::transform(files.begin(), files.end(), names.begin(), name_of);
    return std::set<std::string>(names.begin(), names.end()).size() == files.size();
  };
  const auto of_folder = [](const fs::path& file) {
    return phase_of(fs::absolute(file).lexically_normal().parent_path());
  };
  if (are_distinct_by(phase_of) || are_distinct_by(case_name) || are_distinct_by(of_folder))
    return names;
  for (size_t n = 0; n < names.size(); ++n) names[n] = numbered_phase(static_cast<int64_t>(n));
  return names;
}

// The words that the names of all files begin with; their folder's name if there are none.
std::string common_name(const std::vector<fs::path>& files) {
  if (files.size() == 1) return case_name(files.front());
  auto common = name_words(case_name(files.front()));
  for (const fs::path& file : files) {
    const auto words = name_words(case_name(file));
    common.resize(static_cast<size_t>(
        std::mismatch(common.begin(), common.end(), words.begin(), words.end()).first -
        common.begin()));
  }
  std::string name;
  for (const std::string& word : common) name += (name.empty() ? "" : "_") + word;
  return name.empty() ? case_name(fs::absolute(files.front()).parent_path()) : name;
}

// Films are often labeled in ED and ES alone.
void leave_out_unlabeled_phases(LabeledHeart& heart) {
  const int64_t phases = heart.slices.phase_count();
  std::vector<int64_t> labeled;
  std::vector<std::string> names;
  std::vector<double> times_ms;
  for (int64_t t = 0; t < phases; ++t) {
    if (!heart.slices.voxels[t].any().item<bool>()) continue;
    labeled.push_back(t);
    names.push_back(heart.phase_names[static_cast<size_t>(t)]);
    if (!heart.times_ms.empty()) times_ms.push_back(heart.times_ms[static_cast<size_t>(t)]);
  }
  if (labeled.empty()) throw Error("{}: no voxel has a label", heart.name);
  if (static_cast<int64_t>(labeled.size()) == phases) return;
  heart.notes.push_back(fmt::format("{} of {} phases have no labels and are left out",
                                    phases - static_cast<int64_t>(labeled.size()), phases));
  heart.slices.voxels = heart.slices.voxels.index_select(0, torch::tensor(labeled, torch::kInt64));
  heart.phase_names = names;
  heart.times_ms = times_ms;
}

// ---- folders ----

bool is_labeled_folder(const fs::path& folder) {
  return is_reconstruction(folder) || is_subject_folder(folder);
}

// The dense truth of a phantom, where it was made.
void add_dense_truth(const fs::path& file, LabeledHeart& heart) {
  if (!fs::exists(file)) return;
  heart.dense = read_nifti_labels(file, label_table());
  const Grid &dense = heart.dense->grid, &slices = heart.slices.grid;
  const auto ends = [](const Grid& grid) {
    return std::pair(grid.world_from_voxel({0, 0, 0}),
                     grid.world_from_voxel({0, 0, static_cast<double>(grid.size[2] - 1)}));
  };
  const auto [dense_first, dense_last] = ends(dense);
  const auto [first, last] = ends(slices);
  if (heart.dense->phase_count() != heart.slices.phase_count() ||
      length(minus(dense_first, first)) > kSamePlaceMm ||
      length(minus(dense_last, last)) > kSamePlaceMm) {
    throw Error("{}: does not belong to sax_labels.nii.gz beside it", file.string());
  }
}

// Only the phases with labels.
Study labeled_phases_of(const Study& study) {
  std::vector<std::string> names;
  for (size_t t = 0; t < study.drawn.size(); ++t) {
    if (!study.drawn[t].empty()) names.push_back(study.phase_names[t]);
  }
  return names.empty() ? study : select_phases(study, names);
}

LabeledHeart from_study(const fs::path& folder) {
  const Study film = read_study(folder);
  const Study study = labeled_phases_of(film);
  if (!study.labels) {
    throw Error("{}: holds no labels of both ED and ES; expected files whose names end in _gt",
                folder.string());
  }
  LabeledHeart heart;
  heart.name = study.name;
  heart.phase_names = study.phase_names;
  heart.times_ms = study.sax.times_ms;
  heart.film_times_ms = film.sax.times_ms;
  heart.slices = *study.labels;
  heart.slice_z_mm = study.slice_z_mm.empty() ? plane_positions(study.sax.grid) : study.slice_z_mm;
  heart.body.height_cm = study.height_cm.value_or(0);
  heart.body.weight_kg = study.weight_kg.value_or(0);
  return heart;
}

}  // namespace

LabeledHeart read_labeled_folder(const fs::path& folder) {
  if (is_reconstruction(folder)) return read_reconstructed_heart(folder);
  if (!is_labeled_folder(folder)) {
    throw Error(
        "{}: holds no labels that are known; expected an output of dmcvr reconstruct, a "
        "subject of ACDC, M&Ms or M&Ms-2, or a phantom, or name label maps (.nii.gz) themselves",
        folder.string());
  }
  LabeledHeart heart = from_study(folder);
  if (is_phantom(folder)) add_dense_truth(folder / "dense_labels.nii.gz", heart);
  return heart;
}

LabeledHeart read_label_maps(const std::vector<fs::path>& files, const std::string& order) {
  TORCH_CHECK(!files.empty(), "read_label_maps: no files");
  // On dense planes alone the acquired pitch is not known, and half of it at each end is lost.
  const fs::path folder = fs::absolute(files.front()).parent_path();
  if (files.size() == 1 && files.front().filename() == "labels.nii.gz" &&
      (order.empty() || order == "dmcvr") && is_reconstruction(folder)) {
    return read_reconstructed_heart(folder);
  }

  LabeledHeart heart;
  heart.name = common_name(files);
  Order taken;
  std::vector<torch::Tensor> phases;
  for (const fs::path& file : files) {
    if (read_nifti_header(file).dim[0] < 3) {
      throw Error("{}: is one picture without a thickness; expected a stack of slices",
                  file.string());
    }
    const Order own = order_of(file, order);
    const Labels labels = relabel(read_nifti_labels(file, own.table), label_table());
    if (phases.empty()) {
      heart.slices = labels;
      taken = own;
    }
    if (!same_grid(labels.grid, heart.slices.grid)) {
      throw Error("{}: lies on another grid than {}", file.string(), files.front().string());
    }
    if (files.size() > 1 && labels.phase_count() != 1) {
      throw Error("{}: holds {} phases; expected one file of several phases, or several of one",
                  file.string(), labels.phase_count());
    }
    phases.push_back(labels.voxels);
  }
  heart.slices.voxels = torch::cat(phases);
  heart.slice_z_mm = plane_positions(heart.slices.grid);

  // The phases of a film, or files whose names leave them alike.
  const auto count = static_cast<size_t>(heart.slices.phase_count());
  if (count > files.size()) {
    heart.phase_names.clear();
    for (size_t t = 0; t < count; ++t)
      heart.phase_names.push_back(numbered_phase(static_cast<int64_t>(t)));
    heart.times_ms = heart.film_times_ms = phase_times_ms(read_nifti_header(files.front()));
  } else {
    heart.phase_names = distinct_phase_names(files);
  }
  if (heart.slices.grid.size[2] == 1) {
    heart.notes.push_back(
        fmt::format("one slice, taken for a disc of {:.4g} mm", heart.slices.grid.spacing_mm()[2]));
  }
  if (taken.is_assumed)
    heart.notes.push_back("nothing names the labels; taken for " + to_string(taken.table));
  leave_out_unlabeled_phases(heart);
  check_order(files.front().string(), taken, heart);
  return heart;
}

std::vector<fs::path> find_labeled_folders(const fs::path& folder) {
  if (is_labeled_folder(folder)) return {folder};
  auto cases = folders_below(folder, is_labeled_folder);
  if (cases.empty()) {
    throw Error(
        "{}: holds no labels that are known; expected an output of dmcvr reconstruct, a "
        "subject of ACDC, M&Ms or M&Ms-2, or a phantom, or a folder of them; label maps (.nii.gz) "
        "are named themselves",
        folder.string());
  }
  return cases;
}

}  // namespace dmcvr
