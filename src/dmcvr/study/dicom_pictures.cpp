// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_pictures.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// A file that is not read is no reason to stop: archives hold reports and pictures of all kinds.
std::optional<DicomHeader> header_or_damage(std::string_view bytes, DicomListing& listing) {
  try {
    return read_dicom_header(bytes);
  } catch (const Error& error) {
    if (listing.damaged_files++ == 0) listing.first_damage = error.what();
    return {};
  }
}

struct FoundPictures {
  std::vector<DicomPicture> pictures;
  std::set<std::string> patients;
  int64_t files = 0;
};

void add_pictures(const std::string& file, const DicomHeader& header, FoundPictures& found) {
  found.patients.insert(header.patient_digest);
  ++found.files;
  for (size_t n = 0; n < header.frames.size(); ++n) {
    DicomPicture picture;
    picture.file = file;
    picture.frame = static_cast<int64_t>(n);
    picture.place = header.frames[n];
    picture.columns = header.columns;
    picture.rows = header.rows;
    picture.study_uid = header.study_uid;
    picture.series_uid = header.series_uid;
    picture.frame_of_reference = header.frame_of_reference;
    picture.description = header.description;
    picture.series_number = header.series_number;
    picture.instance_number = header.instance_number;
    found.pictures.push_back(std::move(picture));
  }
}

bool begins_as_dicom(const std::string& /*name*/, std::string_view first_bytes) {
  return is_dicom(first_bytes);
}

constexpr size_t kMostTried = 64;  // files, or folders: looking must be quick

// The first files, or folders, in a folder that is not hidden; none where it may not be entered.
std::vector<fs::path> entries_of(const fs::path& folder, bool wants_folders) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unknown;
    const bool is_wanted =
        wants_folders ? entry->is_directory(unknown) : entry->is_regular_file(unknown);
    if (is_wanted && entry->path().filename().string().front() != '.')
      found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  if (found.size() > kMostTried) found.resize(kMostTried);
  return found;
}

// No more than `most_bytes` of it.
std::string beginning_of(const fs::path& path, int64_t most_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size =
      std::clamp<int64_t>(file ? static_cast<int64_t>(file.tellg()) : 0, 0, most_bytes);
  std::string bytes(static_cast<size_t>(size), '\0');
  file.seekg(0);
  file.read(bytes.data(), size);
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

std::string content_of(const fs::path& path, const ArchiveLimits& limits = {}) {
  std::error_code failure;
  const auto size = fs::file_size(path, failure);
  const double most = limits.entry_mib * 1024 * 1024;
  if (!failure && static_cast<double>(size) > most) {
    throw Error("{}: {} MiB, at most {:.0f} are read", path.string(), size >> 20, limits.entry_mib);
  }
  std::string bytes = beginning_of(path, static_cast<int64_t>(std::min(most, 0x1p62)));
  if (failure || bytes.size() != size) throw Error("{}: cannot be read to its end", path.string());
  return bytes;
}

// Among the first files; empty if there is none.
fs::path first_dicom_in(const fs::path& folder) {
  for (const auto& file : entries_of(folder, /*wants_folders=*/false)) {
    if (is_dicom_file(file)) return file;
  }
  return {};
}

}  // namespace

bool is_drawn_on(const std::string& description) {
  std::string small = description;
  for (char& letter : small)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return small.find("inlinevf") != std::string::npos;
}

bool is_dicom_file(const fs::path& path) {
  return is_file(path) && is_dicom(beginning_of(path, 256));
}

void visit_dicom(const fs::path& path, const ArchiveLimits& limits, const FileVisit& work) {
  if (is_dicom_file(path)) {
    const std::string name = path.filename().string(), bytes = content_of(path, limits);
    if (work.wants(name, bytes)) work.visit(name, bytes);
  } else {
    visit_files(path, limits, work);
  }
}

DicomListing list_dicom(const fs::path& path, const ArchiveLimits& limits) {
  DicomListing listing;
  FoundPictures original, derived;
  std::set<std::string> digests, names;
  visit_dicom(path, limits, {begins_as_dicom, [&](const std::string& name, std::string_view bytes) {
                               if (!digests.insert(name + ' ' + sha256_of(bytes)).second)
                                 return;  // the same once more, as tar appends it
                               if (!names.insert(name).second) {
                                 throw Error("{}: holds two DICOM files of one name; pack it anew",
                                             path.string());
                               }
                               const int64_t damaged = listing.damaged_files;
                               const auto header = header_or_damage(bytes, listing);
                               if (header) {
                                 const bool is_derived =
                                     header->is_derived || is_drawn_on(header->description);
                                 add_pictures(name, *header, is_derived ? derived : original);
                               } else if (damaged == listing.damaged_files) {
                                 ++listing.other_files;
                               }
                             }});
  // Derived pictures count where there are no others.
  if (!original.pictures.empty()) listing.other_files += derived.files;
  FoundPictures& found = original.pictures.empty() ? derived : original;
  listing.pictures = std::move(found.pictures);
  listing.patients = static_cast<int64_t>(found.patients.size());
  std::string all;
  for (const auto& digest : digests) all += digest + '\n';
  listing.digest = sha256_of(all);
  return listing;
}

bool is_dicom_subject(const fs::path& folder) {
  if (!first_dicom_in(folder).empty()) return true;
  std::set<std::pair<std::string, std::string>> examinations;  // patient and study
  int64_t folders = 0;
  for (const auto& below : entries_of(folder, /*wants_folders=*/true)) {
    const fs::path file = first_dicom_in(below);
    if (file.empty()) continue;
    try {
      const auto header = read_dicom_header(content_of(file));
      if (header) examinations.emplace(header->patient_digest, header->study_uid);
    } catch (const Error&) {  // said where it is read
    }
    if (examinations.size() > 1) return false;
    ++folders;
  }
  // One folder beside films in NIfTI files is a case among others. A single file may be its labels.
  if (folders == 1 && files_ending_with(folder, "").size() > 1) return false;
  return !examinations.empty();
}

}  // namespace dmcvr
