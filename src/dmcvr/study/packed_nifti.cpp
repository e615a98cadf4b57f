// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/packed_nifti.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/study/study_files.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostTextBytes = 1 << 20;

// Such as "__MACOSX/._x.nii.gz", which is no NIfTI.
bool is_hidden_name(const std::string& name) {
  return fs::path(name).filename().string().rfind('.', 0) == 0;
}

bool is_packed_nifti(const std::string& name) {
  return is_nifti(name) && !is_hidden_name(name);
}

bool is_description(const std::string& name) {
  const std::string kind = fs::path(name).extension().string();
  return !is_hidden_name(name) &&
         (kind == ".json" || kind == ".cfg" || kind == ".csv" || kind == ".txt");
}

bool holds_nifti_alone(const fs::path& archive, const ArchiveLimits& limits) {
  bool has_nifti = false, has_dicom = false;
  FileVisit look;
  look.wants = [&](const std::string& name, std::string_view first_bytes) {
    has_nifti = has_nifti || is_packed_nifti(name);
    has_dicom = has_dicom || is_dicom(first_bytes);
    return false;
  };
  look.visit = [](const std::string&, std::string_view) {};
  look.is_enough = [&] { return has_dicom; };
  try {
    visit_files(archive, limits, look);
  } catch (const Error&) {  // said when it is read
    return false;
  }
  return has_nifti && !has_dicom;
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

std::string with_replaced(std::string text, const std::string& what, const std::string& by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace

std::optional<PackedPlace> packed_place(const fs::path& path, const ArchiveLimits& limits) {
  PackedPlace place{path.lexically_normal(), {}};
  if (!place.archive.has_filename()) place.archive = place.archive.parent_path();
  std::error_code failure;
  while (!fs::exists(place.archive, failure)) {
    const fs::path name = place.archive.filename(), parent = place.archive.parent_path();
    if (parent.empty() || parent == place.archive) return std::nullopt;
    place.inside = place.inside.empty() ? name : name / place.inside;
    place.archive = parent;
  }
  if (!is_archive(place.archive) || !holds_nifti_alone(place.archive, limits)) return std::nullopt;
  return place;
}

UnpackedNifti::UnpackedNifti(const PackedPlace& place, const ArchiveLimits& limits, bool names_only)
    : place_(place) {
  std::string root = (fs::temp_directory_path() / "dmcvr-XXXXXX").string();
  if (::mkdtemp(root.data()) == nullptr) throw Error("{}: {}", root, std::strerror(errno));
  root_ = root;
  bool is_found = place.inside.empty();
  FileVisit unpack;
  unpack.wants = [&](const std::string& name, std::string_view) {
    if (is_description(name)) return true;
    if (!is_packed_nifti(name)) return false;
    const fs::path clean = fs::path(name).lexically_normal();
    const bool is_file = is_nifti(place.inside);
    if (is_file ? !belongs_to(clean, place.inside) : !lies_in(clean, place.inside)) return false;
    is_found = is_found || !is_file || clean == place.inside;
    if (names_only) write(name, {});
    return !names_only;
  };
  unpack.visit = [&](const std::string& name, std::string_view bytes) {
    if (is_packed_nifti(name) || bytes.size() <= kMostTextBytes) write(name, bytes);
  };
  try {
    visit_files(place.archive, limits, unpack);
    if (!is_found) {
      throw Error("{}: {} holds no NIfTI file there", (place.archive / place.inside).string(),
                  place.archive.filename().string());
    }
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

void UnpackedNifti::write(const std::string& name, std::string_view bytes) const {
  const fs::path path = root_ / place_.archive.filename() / fs::path(name).lexically_normal();
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    throw Error("{}: cannot be unpacked into {}: {}", (place_.archive / name).string(),
                root_.parent_path().string(), std::strerror(errno));
  }
}

fs::path UnpackedNifti::path() const {
  const fs::path all = root_ / place_.archive.filename();
  return place_.inside.empty() ? all : all / place_.inside;
}

fs::path UnpackedNifti::packed(const fs::path& unpacked) const {
  const fs::path below = unpacked.lexically_relative(root_ / place_.archive.filename());
  return below == "." ? place_.archive : place_.archive / below;
}

void UnpackedNifti::read(const std::function<void()>& work) const {
  try {
    work();
  } catch (const Error& error) {
    throw Error("{}", with_replaced(error.what(), (root_ / place_.archive.filename()).string(),
                                    place_.archive.string()));
  }
}

}  // namespace dmcvr
