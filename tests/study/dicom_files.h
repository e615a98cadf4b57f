// SPDX-License-Identifier: Apache-2.0
// Folders of DICOM films for tests: slices and phases that a number in the pixels tells apart.
#pragma once

#include "io/dicom_writer.h"
#include "support.h"

#include <torch/types.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace dmcvr::test {

struct DicomFilm {
  int64_t slices = 4, phases = 5;
  double pitch_mm = 9;
  // Of slice k, phase t: 100 k + t, with a bright corner so that no phase is empty.
  static torch::Tensor pixels(int64_t slice, int64_t phase) {
    auto picture = torch::full({20, 24}, 100 * slice + phase, torch::kInt64);
    picture[0][0] = 3000;
    return picture;
  }
  // What a test changes of each page; false leaves it out.
  std::function<bool(DicomPage& page, int64_t slice, int64_t phase)> change =
      [](DicomPage&, int64_t, int64_t) { return true; };
};

// The pages of the film: slices along +z of LPS, phases 30 ms apart, instance numbers in an order
// that is neither.
inline std::vector<std::pair<DicomPage, torch::Tensor>> pages_of(const DicomFilm& film) {
  std::vector<std::pair<DicomPage, torch::Tensor>> pages;
  for (int64_t k = 0; k < film.slices; ++k) {
    for (int64_t t = 0; t < film.phases; ++t) {
      DicomPage page;
      page.position[2] = 30 + film.pitch_mm * static_cast<double>(k);
      page.trigger = std::to_string(10 + 30 * t);
      page.instance = 1 + (7 * k + 3 * t) % (film.slices * film.phases + 2);
      if (film.change(page, k, t)) pages.emplace_back(page, DicomFilm::pixels(k, t));
    }
  }
  return pages;
}

// Into a fresh folder, under names that say nothing and sort otherwise.
inline std::filesystem::path write_dicom_film(const DicomFilm& film,
                                        const std::filesystem::path& folder = fresh_folder()) {
  std::filesystem::create_directories(folder);
  size_t number = 0;
  for (const auto& [page, pixels] : pages_of(film)) {
    const auto name = std::to_string((number++ * 7919 + 13) % 100003);
    std::ofstream(folder / ("IM" + name), std::ios::binary) << dicom_bytes(page, pixels);
  }
  return folder;
}

}  // namespace dmcvr::test
