// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/film_volume.h"

#include "dmcvr/core/error.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

fs::path place_beside(const fs::path& folder) {
  const fs::path clean = folder.has_filename() ? folder : folder.parent_path();
  return clean.parent_path() /
         fmt::format(".{}.tmp-{}-volume.nii.gz", clean.filename().string(), ::getpid());
}

}  // namespace

FilmVolume::FilmVolume(const fs::path& folder, const Study& study)
    : temporary_(place_beside(folder)),
      phase_count_(study.sax.phase_count()),
      times_ms_(study.sax.times_ms),
      shown_phases_(preview_phases(study.phase_names, PreviewOptions().most_phases)) {}

FilmVolume::~FilmVolume() {
  file_.reset();
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void FilmVolume::add(int64_t phase_index, const Volume& volume) {
  const auto sizes = volume.voxels.sizes();
  if (!file_) {
    std::error_code failure;
    if (temporary_.has_parent_path()) fs::create_directories(temporary_.parent_path(), failure);
    file_ = std::make_unique<NiftiFilm>(temporary_, volume.grid, phase_count_, times_ms_);
    const auto count = static_cast<int64_t>(shown_phases_.size());
    shown_ = {volume.grid, torch::empty({count, sizes[0], sizes[1], sizes[2]}), {}};
    for (const int64_t phase : shown_phases_) {
      if (!times_ms_.empty()) shown_.times_ms.push_back(times_ms_[static_cast<size_t>(phase)]);
    }
  }
  file_->add(volume.voxels);
  const auto shown = std::find(shown_phases_.begin(), shown_phases_.end(), phase_index);
  if (shown != shown_phases_.end())
    shown_.voxels[shown - shown_phases_.begin()].copy_(volume.voxels);
}

void FilmVolume::move_to(const fs::path& path) {
  TORCH_CHECK(file_ != nullptr, "FilmVolume: no phase was added");
  file_->finish();
  std::error_code failure;
  fs::rename(temporary_, path, failure);
  if (failure) throw Error("{}: cannot be written: {}", path.string(), failure.message());
}

void FilmVolume::show(PreviewContent& content) const {
  content.volume = shown_;
  content.volume_phases = shown_phases_;
}

}  // namespace dmcvr
