// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/ukb.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/packed_nifti.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <optional>
#include <set>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kShortAxis = 20209, kLongAxis = 20208;
constexpr size_t kHexDigits = 10;
constexpr size_t kMostManifestBytes = size_t{16} << 20;

// Without a slash at the end.
fs::path clean_path(const fs::path& path) {
  const fs::path clean = fs::absolute(path).lexically_normal();
  return clean.has_filename() ? clean : clean.parent_path();
}

std::optional<ParticipantFile> file_of(const fs::path& path) {
  const auto file = participant_file(clean_path(path).filename().string());
  if (!file) return std::nullopt;
  std::error_code failure;
  const bool is_folder = file->ending.empty() && fs::is_directory(path, failure);
  const bool is_archive = file->ending == ".zip" && is_file(path);
  return is_folder || is_archive ? file : std::nullopt;
}

// Of the archive, or of all files of a folder.
std::string digest_of(const fs::path& path) {
  const auto place = packed_place(path);
  if (place && !place->inside.empty()) return digest_of(UnpackedNifti(*place, {}).path());
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return sha256_of_file(path);
  std::set<std::string> files;
  visit_files(path, {},
              {[](const std::string&, std::string_view) { return true; },
               [&](const std::string& name, std::string_view bytes) {
                 files.insert(name + ' ' + sha256_of(bytes));
               }});
  std::string all;
  for (const auto& file : files) all += file + '\n';
  return sha256_of(all);
}

// Of the same participant and visit; empty where there is none.
fs::path long_axis_beside(const fs::path& path) {
  const auto file = file_of(path);
  if (!file) return {};
  const std::string stem = fmt::format("{}_{}_{}", file->id, kLongAxis, file->visit);
  const fs::path folder = clean_path(path).parent_path();
  for (const auto* ending : {".zip", ""}) {
    if (file_of(folder / (stem + ending))) return folder / (stem + ending);
  }
  return {};
}

InputFile ukb_input(const fs::path& path) {
  return {without_ids(clean_path(path).filename().string()), digest_of(path)};
}

// ---- manifests ----

std::string lower(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\"");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

// "Aug 30" of a date whose year has become the next field.
bool begins_date(const std::string& field) {
  const auto space = field.find(' ');
  return space == 3 && std::isupper(static_cast<unsigned char>(field[0])) != 0 &&
         field.size() <= 6 && field.size() > 4 &&
         field.find_first_not_of("0123456789", 4) == std::string::npos;
}

bool is_year(const std::string& field) {
  return field.size() >= 4 && field.find_first_not_of("0123456789") >= 4 &&
         (field.size() == 4 || field[4] == ' ');
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find(',', begin), line.size());
    const std::string field = trimmed(line.substr(begin, end - begin));
    if (!fields.empty() && begins_date(fields.back()) && is_year(field)) {
      fields.back() += ", " + field;
    } else {
      fields.push_back(field);
    }
    begin = end + 1;
  }
  return fields;
}

// Where a column is that has one of these names.
std::optional<size_t> column_of(const std::vector<std::string>& columns,
                                const std::vector<std::string>& names) {
  for (size_t n = 0; n < columns.size(); ++n) {
    if (std::find(names.begin(), names.end(), lower(columns[n])) != names.end()) return n;
  }
  return std::nullopt;
}

std::string base_name(const std::string& name) {
  return name.substr(name.find_last_of('/') + 1);
}

bool is_manifest(const std::string& name) {
  const std::string base = lower(base_name(name));
  return base == "manifest.csv" || base == "manifest.cvs";
}

std::vector<ManifestFile> manifest_in(const fs::path& path, const ArchiveLimits& limits) {
  std::vector<ManifestFile> files;
  visit_files(path, limits,
              {[](const std::string& name, std::string_view) { return is_manifest(name); },
               [&](const std::string&, std::string_view bytes) {
                 if (bytes.size() <= kMostManifestBytes) files = manifest_files(bytes);
               }});
  return files;
}

// ---- what a place holds ----

bool is_film(const std::string& series) {
  return lower(series).find("cine_segmented") != std::string::npos && !is_drawn_on(series);
}

DicomPlace list_place(const fs::path& path, const ArchiveLimits& limits) {
  DicomPlace place{path, list_dicom(path, limits)};
  std::map<std::string, std::string> series;  // of files, as the manifest has them
  for (const auto& file : manifest_in(path, limits)) series[base_name(file.name)] = file.series;

  auto& pictures = place.listing.pictures;
  std::set<std::string> there;
  for (auto& picture : pictures) {
    const std::string file = base_name(picture.file);
    there.insert(file);
    const auto known = series.find(file);
    if (known != series.end() && (picture.description.empty() || is_drawn_on(known->second)))
      picture.description = known->second;
    picture.description = without_ids(picture.description);
  }
  pictures.erase(
      std::remove_if(pictures.begin(), pictures.end(),
                     [](const auto& picture) { return is_drawn_on(picture.description); }),
      pictures.end());
  const auto missing = std::count_if(series.begin(), series.end(), [&](const auto& file) {
    return is_film(file.second) && there.count(file.first) == 0;
  });
  if (missing > 0) {
    place.problems.push_back({"missing_files",
                              fmt::format("{} pictures of films are missing that the manifest "
                                          "names",
                                          missing),
                              "read without them; fetch the archive again"});
  }
  return place;
}

}  // namespace

bool is_ukb_study(const fs::path& path) {
  const auto file = file_of(path);
  return file && file->field == kShortAxis;
}

bool is_ukb_file(const fs::path& path) {
  return file_of(path).has_value();
}

bool has_participant_name(const fs::path& path) {
  return participant_file(clean_path(path).filename().string()).has_value();
}

std::string ukb_case_name(const fs::path& path) {
  static std::mutex mutex;
  static std::map<std::string, std::string> names;
  const std::string key = clean_path(path).string();
  {
    const std::lock_guard lock(mutex);
    const auto known = names.find(key);
    if (known != names.end()) return known->second;
  }
  std::string name;
  try {
    name = "case_" + digest_of(path).substr(0, kHexDigits);
  } catch (const Error&) {  // said where it is read
    return "case_unreadable";
  }
  const std::lock_guard lock(mutex);
  return names.emplace(key, name).first->second;
}

std::vector<DicomPlace> list_ukb(const fs::path& path, const ArchiveLimits& limits) {
  std::vector<DicomPlace> places = {list_place(path, limits)};
  const fs::path beside = long_axis_beside(path);
  if (beside.empty()) return places;
  try {
    places.push_back(list_place(beside, limits));
    find_dicom_stacks(std::vector<DicomPlace>{places.back()});  // throws for what is none
  } catch (const Error& error) {
    places.resize(1);
    places.front().problems.push_back({"view_left_out",
                                       fmt::format("the long axis beside it: {}", error.what()),
                                       "it is left out"});
  }
  return places;
}

Study read_ukb_study(const fs::path& path, const ArchiveLimits& limits) {
  const auto places = list_ukb(path, limits);
  Study study = read_dicom_places(places, case_name(path), limits).study;
  study.source = "UK Biobank";
  study.inputs = ukb_inputs(path);
  return study;
}

std::vector<InputFile> ukb_inputs(const fs::path& path) {
  std::vector<InputFile> inputs = {ukb_input(path)};
  const fs::path beside = long_axis_beside(path);
  if (!beside.empty()) inputs.push_back(ukb_input(beside));
  return inputs;
}

std::vector<ManifestFile> manifest_files(std::string_view text) {
  std::vector<ManifestFile> files;
  std::optional<size_t> name, series;
  size_t columns = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const auto fields = fields_of(std::string(text.substr(begin, end - begin)));
    begin = end + 1;
    if (columns == 0) {
      columns = fields.size();
      name = column_of(fields, {"filename", "file name"});
      series = column_of(fields, {"series discription", "series description", "seriesdescription"});
      if (!name || !series) return {};
    } else if (fields.size() == columns && !fields[*name].empty()) {
      files.push_back({fields[*name], fields[*series]});
    }
  }
  return files;
}

}  // namespace dmcvr
