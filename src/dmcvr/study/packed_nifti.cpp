// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/packed_nifti.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/study/study_files.h"

#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <tuple>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr double kMostTextMib = 16;
// Deeper in the temporary folder than any layout looks upwards for its tables.
constexpr const char* kNest = "1/2/3/4/5/6";

// Such as "__MACOSX/._x.nii.gz", which is no NIfTI.
bool is_hidden_name(const fs::path& name) {
  return name.filename().string().rfind('.', 0) == 0;
}

bool is_packed_nifti(const fs::path& name) {
  return is_nifti(name) && !is_hidden_name(name);
}

bool is_description(const fs::path& name) {
  const std::string kind = name.extension().string();
  return !is_hidden_name(name) &&
         (kind == ".json" || kind == ".cfg" || kind == ".csv" || kind == ".txt");
}

struct ArchiveKinds {
  bool has_nifti = false, has_dicom = false;
};

ArchiveKinds look_into(const fs::path& archive, const ArchiveLimits& limits) {
  ArchiveKinds kinds;
  FileVisit look;
  look.wants = [&](const std::string& name, std::string_view first_bytes) {
    kinds.has_nifti = kinds.has_nifti || is_packed_nifti(name);
    kinds.has_dicom = kinds.has_dicom || is_dicom(first_bytes);
    return false;
  };
  look.visit = [](const std::string&, std::string_view) {};
  look.is_enough = [&] { return kinds.has_dicom; };
  visit_files(archive, limits, look);
  return kinds;
}

// Asked for every case of a set, and a tar is looked through from its beginning.
ArchiveKinds kinds_in(const fs::path& archive, const ArchiveLimits& limits) {
  using Key = std::tuple<std::string, uintmax_t, fs::file_time_type>;
  static std::mutex mutex;
  static std::map<Key, ArchiveKinds> seen;
  const Key key = {fs::absolute(archive).string(), fs::file_size(archive),
                   fs::last_write_time(archive)};
  {
    const std::lock_guard lock(mutex);
    const auto known = seen.find(key);
    if (known != seen.end()) return known->second;
  }
  const ArchiveKinds kinds = look_into(archive, limits);
  const std::lock_guard lock(mutex);
  return seen.emplace(key, kinds).first->second;
}

bool lies_in(const fs::path& name, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), name.begin(), name.end()).first ==
         folder.end();
}

// The file itself, and what is called by it: x_gt.nii.gz beside x.nii.gz; of a data set of nnU-Net
// labelsTr/x.nii.gz of imagesTr/x_0000.nii.gz.
bool belongs_to(const fs::path& name, const fs::path& file) {
  std::string stem = without_nifti_ending(file.filename().string());
  fs::path folder = file.parent_path();
  const std::string channel = "_0000";
  if (folder.filename().string().rfind("images", 0) == 0 && ends_with(stem, channel)) {
    stem.resize(stem.size() - channel.size());
    folder = folder.parent_path();
  }
  return lies_in(name, folder) && name.filename().string().rfind(stem, 0) == 0;
}

// A private folder of the system's temporary one.
fs::path new_root() {
  std::error_code failure;
  const fs::path folder = fs::canonical(fs::temp_directory_path(failure), failure);
  std::string root = (folder / "dmcvr-XXXXXX").string();
  if (!failure && ::mkdtemp(root.data()) != nullptr) return root;
  const char* named = std::getenv("TMPDIR");
  throw Error("{}: no folder for temporary files can be made in it: {}; name another by TMPDIR",
              named == nullptr ? "/tmp" : named,
              failure ? failure.message() : std::strerror(errno));
}

}  // namespace

std::optional<PackedPlace> packed_place(const fs::path& path, const ArchiveLimits& limits) {
  PackedPlace place{path.has_filename() ? path : path.parent_path(), {}};
  std::error_code failure;
  while (!fs::exists(place.archive, failure)) {
    const fs::path name = place.archive.filename(), parent = place.archive.parent_path();
    if (parent.empty() || parent == place.archive) return std::nullopt;
    place.inside = name / place.inside;
    place.archive = parent;
  }
  if (!is_archive(place.archive)) return std::nullopt;
  place.inside = place.inside.lexically_normal();
  if (!place.inside.has_filename()) place.inside = place.inside.parent_path();
  if (place.inside == ".") place.inside.clear();
  try {
    const ArchiveKinds kinds = kinds_in(place.archive, limits);
    const bool is_ours = kinds.has_nifti && (!kinds.has_dicom || !place.inside.empty());
    return is_ours ? std::optional(place) : std::nullopt;
  } catch (const Error&) {
    if (!place.inside.empty()) throw;
    return std::nullopt;  // said when it is read
  }
}

UnpackedNifti::UnpackedNifti(const PackedPlace& place, const ArchiveLimits& limits, bool names_only)
    : place_(place), root_(new_root()) {
  // Should this process be killed, the archive's name leaves no id on disk. Names in it stay as
  // they are, which only this user may see.
  top_ = root_ / kNest / without_ids(place.archive.filename().string());
  said_ = std::make_unique<SaidPath>(top_.string(), place.archive.string());
  try {
    unpack(limits, names_only);
  } catch (...) {
    std::error_code failure;
    fs::remove_all(root_, failure);
    throw;
  }
}

UnpackedNifti::~UnpackedNifti() {
  std::error_code failure;
  fs::remove_all(root_, failure);
}

void UnpackedNifti::unpack(const ArchiveLimits& limits, bool names_only) const {
  const bool is_file = is_nifti(place_.inside);
  bool is_found = place_.inside.empty();
  FileVisit work;
  work.wants_name = [&](const std::string& name) {
    const fs::path clean = fs::path(name).lexically_normal();
    if (is_description(clean))
      return lies_in(clean, place_.inside) || lies_in(place_.inside, clean.parent_path());
    if (!is_packed_nifti(clean)) return false;
    if (is_file ? !belongs_to(clean, place_.inside) : !lies_in(clean, place_.inside)) return false;
    is_found = is_found || !is_file || clean == place_.inside;
    if (names_only) write(name, {});
    return !names_only;
  };
  work.wants = [](const std::string&, std::string_view) { return true; };
  work.visit = [&](const std::string& name, std::string_view bytes) {
    const double mib = static_cast<double>(bytes.size()) / (1024.0 * 1024);
    if (is_packed_nifti(name) || mib <= kMostTextMib) return write(name, bytes);
    spdlog::warn("{}: left out: {:.0f} MiB, at most {} are read of a description",
                 (top_ / name).string(), mib, kMostTextMib);
  };
  visit_files(place_.archive, limits, work);
  if (!is_found) throw Error("{}: holds no NIfTI file there", path().string());
}

void UnpackedNifti::write(const std::string& name, std::string_view bytes) const {
  const fs::path path = top_ / fs::path(name).lexically_normal();
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    throw Error("{}: cannot be unpacked into {}: {}; name a folder with room by TMPDIR",
                (top_ / name).string(), root_.parent_path().string(), std::strerror(errno));
  }
}

fs::path UnpackedNifti::path() const {
  return place_.inside.empty() ? top_ : top_ / place_.inside;
}

fs::path UnpackedNifti::packed(const fs::path& unpacked) const {
  const fs::path below = unpacked.lexically_relative(top_);
  return below == "." ? place_.archive : place_.archive / below;
}

}  // namespace dmcvr
