// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/pairs.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/problem_log.h"
#include "dmcvr/study/study_files.h"

#include <array>
#include <cctype>
#include <cmath>
#include <optional>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr double kMostValue = 1e9;  // of a label, in words: less than what int64_t holds
constexpr const char* kLabelEndings[] = {"_gt", "_seg", "_label", "_labels"};

// Letters and digits alone, in lower case: "LV cavity" is "lvcavity".
std::string plain_word(const std::string& name) {
  std::string word;
  for (const char letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return word;
}

// The label of label_table() that the field calls so.
std::optional<int64_t> label_called(const std::string& name) {
  static const std::map<std::string, int64_t> labels = [] {
    std::map<std::string, int64_t> words;
    for (const auto* word :
         {"lvc", "lv", "lvcavity", "lvbp", "lvbloodpool", "lvendo", "leftventricle",
          "leftventricularcavity", "leftventricularbloodpool", "leftventriclecavity"})
      words[word] = kLvc;
    for (const auto* word : {"lvm", "myo", "mlv", "lvmyo", "myocardium", "lvmyocardium", "lvwall",
                             "leftventricularmyocardium", "leftventriclemyocardium"})
      words[word] = kLvm;
    for (const auto* word :
         {"rvc", "rv", "rvcavity", "rvbp", "rvbloodpool", "rvendo", "rightventricle",
          "rightventricularcavity", "rightventricularbloodpool", "rightventriclecavity"})
      words[word] = kRvc;
    return words;
  }();
  const auto found = labels.find(plain_word(name));
  return found == labels.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int64_t> whole_number(const nlohmann::json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto number = number_in(value.get<std::string>());
  if (!number || *number != std::floor(*number) || std::abs(*number) > kMostValue)
    return std::nullopt;
  return static_cast<int64_t>(*number);
}

void add_name(LabelMeaning& meaning, int64_t value, const std::string& name) {
  if (value == 0) return;
  if (value < 0 || value > 255)
    throw Error("'{}' has the value {}, 0 to 255 are read", name, value);
  const auto label = label_called(name);
  if (!meaning.label_of.emplace(value, label.value_or(0)).second)
    throw Error("the value {} has two names", value);
  if (label) meaning.drawn.insert(*label);
}

fs::path description_of(const fs::path& labels) {
  return labels.parent_path() / (without_nifti_ending(labels.filename().string()) + ".json");
}

// What the user, a file beside, or the header says; nothing where nobody does.
std::optional<LabelMeaning> meaning_of(const fs::path& labels, const std::string& labels_are) {
  if (!labels_are.empty()) return label_meaning(label_table_from(labels_are));
  const fs::path beside = description_of(labels);
  if (is_file(beside)) {
    const auto content = read_json(beside);
    if (content.is_object() && content.contains("labels")) {
      try {
        return label_meaning(content["labels"]);
      } catch (const Error& error) {
        throw error.in(beside.string());
      }
    }
  }
  try {
    const auto table = described_labels(read_nifti_header(labels).descrip);
    if (table) return label_meaning(*table);
  } catch (const Error& error) {
    throw error.in(labels.string());
  }
  return std::nullopt;
}

}  // namespace

LabelMeaning label_meaning(const nlohmann::json& names) {
  LabelMeaning meaning;
  if (names.is_array()) {
    for (const auto& entry : names) {
      if (!entry.is_object() || !entry.contains("value") || !entry.contains("name") ||
          !entry["name"].is_string() || !whole_number(entry["value"]))
        throw Error("labels: {} has no value and name", entry.dump());
      add_name(meaning, *whole_number(entry["value"]), entry["name"]);
    }
  } else if (names.is_object()) {
    for (const auto& [key, entry] : names.items()) {
      if (entry.is_array()) continue;
      const auto value = whole_number(entry), number = whole_number(key);
      if (value) {
        add_name(meaning, *value, key);
      } else if (number && entry.is_string()) {
        add_name(meaning, *number, entry);
      } else {
        throw Error("labels: '{}': {} is no value and name", key, entry.dump());
      }
    }
  } else {
    throw Error("labels: expected names and their values");
  }
  if (meaning.drawn.empty()) {
    throw Error("labels: {}: none of them is LVC, LVM or RVC (or LV, MYO, RV); nothing is guessed",
                names.dump());
  }
  return meaning;
}

LabelMeaning label_meaning(const LabelTable& table) {
  LabelMeaning meaning;
  for (const auto& [value, name] : table) add_name(meaning, value, name);
  return meaning;
}

Labels read_labels(const fs::path& path, const LabelMeaning& meaning) {
  LabelTable table;
  for (const auto& [value, label] : meaning.label_of)
    table[value] = label == 0 ? "other" : label_table().at(label);
  Labels labels = read_nifti_labels(path, table);
  auto target = torch::zeros({256}, torch::kUInt8);
  for (const auto& [value, label] : meaning.label_of) target[value] = label;
  labels.voxels =
      target.index_select(0, labels.voxels.flatten().to(torch::kInt64)).view(labels.voxels.sizes());
  labels.table = label_table();
  return labels;
}

void add_labels(Study& study, const fs::path& path, const LabelMeaning& meaning) {
  Labels labels = read_labels(path, meaning);
  if (!same_grid(labels.grid, study.sax.grid) || labels.phase_count() != study.sax.phase_count()) {
    throw Error("{}: has another grid or another number of phases than its picture", path.string());
  }
  study.labels = std::move(labels);
  study.inputs.push_back(input_file(path));
  if (meaning.drawn.size() < label_table().size())
    study.drawn.assign(static_cast<size_t>(study.sax.phase_count()), meaning.drawn);
}

fs::path labels_beside(const fs::path& picture) {
  const std::string stem = without_nifti_ending(picture.filename().string());
  fs::path found;
  for (const auto* ending : kLabelEndings) {
    for (const auto* kind : {".nii.gz", ".nii"}) {
      const fs::path candidate = picture.parent_path() / (stem + ending + kind);
      if (!is_file(candidate)) continue;
      if (!found.empty()) {
        throw Error("{}: has two maps of labels beside it, {} and {}", picture.string(),
                    found.filename().string(), candidate.filename().string());
      }
      found = candidate;
    }
  }
  return found;
}

bool is_label_name(const fs::path& path) {
  const std::string name = without_nifti_ending(path.filename().string());
  for (const std::string ending : kLabelEndings) {
    if (name.size() > ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
      return true;
  }
  return false;
}

bool is_pair(const fs::path& picture) {
  if (!is_nifti(picture) || !is_file(picture)) return false;
  try {
    return !labels_beside(picture).empty();
  } catch (const Error&) {  // said where it is read
    return true;
  }
}

void add_paired_labels(Study& study, const fs::path& picture, const std::string& labels_are,
                       bool is_sure) {
  const fs::path labels = labels_beside(picture);
  const auto meaning = meaning_of(labels, labels_are);
  if (labels_are.empty() && is_file(description_of(labels)))
    study.inputs.push_back(input_file(description_of(labels)));
  if (meaning) {
    add_labels(study, labels, *meaning);
    return;
  }
  const std::string name = without_nifti_ending(labels.filename().string());
  const std::string what = fmt::format(
      "{}: neither its header nor {}.json says what its values mean; choose the labels: dmcvr, "
      "mnms, acdc, ukb, or a list such as 1=LVC,2=LVM,3=RVC (--labels-are)",
      labels.string(), name);
  if (is_sure) throw Error("{}", what);
  say(name, {"unknown_labels", what.substr(labels.string().size() + 2),
             "the study is read without labels"});
}

}  // namespace dmcvr
