// SPDX-License-Identifier: Apache-2.0
// The volume of a film while it is made: every phase goes to the disk at once, and only those that
// the preview shows stay in memory.
#pragma once

#include "dmcvr/figures/preview.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/study.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace dmcvr {

class FilmVolume {
 public:
  // The file lies under a temporary name beside `folder` until the folder is there to take it; what
  // is not taken is gone in the end.
  FilmVolume(const std::filesystem::path& folder, const Study& study);
  ~FilmVolume();
  FilmVolume(const FilmVolume&) = delete;
  FilmVolume& operator=(const FilmVolume&) = delete;

  // The next phase of the study. Throws Error if it cannot be written.
  void add(int64_t phase_index, const Volume& volume);

  // Finishes the file, after all phases, and gives it its place in the same file system.
  void move_to(const std::filesystem::path& path);

  // Volume and volume_phases.
  void show(PreviewContent& content) const;

 private:
  std::filesystem::path temporary_;
  int64_t phase_count_;
  std::vector<double> times_ms_;
  std::vector<int64_t> shown_phases_;
  Cine shown_;
  std::unique_ptr<NiftiFilm> file_;
};

}  // namespace dmcvr
