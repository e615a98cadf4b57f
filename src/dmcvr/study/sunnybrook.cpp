// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/sunnybrook.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/problem_log.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr int kDeepestFolder = 4;
constexpr int64_t kMostContourBytes = int64_t{1} << 20;
constexpr size_t kMostPhases = 2;

using Corners = std::vector<std::array<double, 2>>;

// ---- files ----

struct ContourFile {
  fs::path path;
  int64_t picture = 0;
  bool is_inner = false;  // the endocardium
};

// The number that a name ends in, before a dot or nothing: of "IM-0001-0048.dcm" 48.
std::optional<int64_t> last_number(const std::string& name) {
  const std::string stem = name.substr(0, name.find_last_of('.'));
  size_t begin = stem.size();
  while (begin > 0 && stem[begin - 1] >= '0' && stem[begin - 1] <= '9') --begin;
  if (begin == stem.size() || stem.size() - begin > 9) return std::nullopt;
  return std::stoll(stem.substr(begin));
}

std::optional<ContourFile> contour_file(const fs::path& path) {
  const std::string name = path.filename().string();
  for (const auto& [word, is_inner] :
       {std::pair{"-icontour-manual.txt", true}, std::pair{"-ocontour-manual.txt", false}}) {
    const auto place = name.find(word);
    if (place == std::string::npos || name.front() == '.') continue;
    const auto number = last_number(name.substr(0, place));
    if (number) return ContourFile{path, *number, is_inner};
  }
  return std::nullopt;
}

void find_contours(const fs::path& folder, int depth, std::vector<ContourFile>& found) {
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unknown;
    if (entry->is_directory(unknown) && !entry->is_symlink(unknown) && depth < kDeepestFolder) {
      find_contours(entry->path(), depth + 1, found);
    } else if (const auto contour = contour_file(entry->path());
               contour && is_file(entry->path())) {
      found.push_back(*contour);
    }
  }
}

// In the folders of the patient that are called contours, by their paths.
std::vector<ContourFile> contours_in(const fs::path& folder) {
  std::vector<ContourFile> found;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unknown;
    if (entry->path().filename().string().rfind("contours", 0) == 0 && entry->is_directory(unknown))
      find_contours(entry->path(), 0, found);
  }
  std::sort(found.begin(), found.end(),
            [](const ContourFile& a, const ContourFile& b) { return a.path < b.path; });
  return found;
}

Corners read_corners(const fs::path& path, int64_t rows, int64_t columns) {
  std::error_code failure;
  if (fs::file_size(path, failure) > static_cast<uintmax_t>(kMostContourBytes) || failure)
    throw Error("{}: larger than a contour can be", path.string());
  std::ifstream stream(path);
  Corners corners;
  int64_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    std::istringstream words(line);
    std::string x, y, rest;
    if (!(words >> x)) continue;
    words >> y;
    const auto column = number_in(x), row = number_in(y);
    if (!column || !row || (words >> rest))
      throw Error("{}: line {} is no pair of numbers", path.string(), number);
    if (*column < -0.5 || *row < -0.5 || *column > static_cast<double>(columns) - 0.5 ||
        *row > static_cast<double>(rows) - 0.5) {
      throw Error("{}: line {} lies at {}, {}, outside of a picture of {}x{} pixels", path.string(),
                  number, *column, *row, columns, rows);
    }
    corners.push_back({*column, *row});
  }
  if (corners.size() < 3)
    throw Error("{}: {} points, at least 3 are needed", path.string(), corners.size());
  return corners;
}

// ---- where they belong ----

struct Place {
  int64_t phase = 0, slice = 0;
  const DicomPicture* picture = nullptr;
};

using Places = std::map<int64_t, Place>;  // by the number of the picture

// The pictures of the short axis by instance number, where those are all different and every
// contour finds its picture; else by the number that their files' names end in.
Places pictures_by_number(const DicomStack& stack, const std::vector<ContourFile>& contours) {
  Places by_instance, by_name;
  bool is_unique = true;
  for (size_t k = 0; k < stack.slices.size(); ++k) {
    for (size_t t = 0; t < stack.slices[k].size(); ++t) {
      const DicomPicture& picture = stack.slices[k][t];
      const Place place{static_cast<int64_t>(t), static_cast<int64_t>(k), &picture};
      is_unique = by_instance.emplace(picture.instance_number, place).second && is_unique;
      const auto number = last_number(picture.file.substr(picture.file.find_last_of('/') + 1));
      if (number) by_name.emplace(*number, place);
    }
  }
  const auto has_all = [&](const Places& places) {
    return std::all_of(contours.begin(), contours.end(), [&](const ContourFile& contour) {
      return places.count(contour.picture) > 0;
    });
  };
  return (is_unique && has_all(by_instance)) || !has_all(by_name) ? by_instance : by_name;
}

// Contours of one picture.
struct Outline {
  torch::Tensor inner, outer;  // [H, W] bool; undefined: not drawn
};

using Outlines = std::map<int64_t, std::map<int64_t, Outline>>;  // by phase, then slice

// Corners are in pixels of their picture, which may be another grid than the stack's.
Corners on_grid(Corners corners, const DicomPicture& picture, const Grid& grid) {
  if (const auto affine = picture_from_grid(picture, grid)) {
    const PlaneAffine grid_from_picture = inverse(*affine);
    for (auto& corner : corners) corner = grid_from_picture(corner);
  }
  return corners;
}

Outlines read_outlines(const std::vector<ContourFile>& files, const DicomStack& stack,
                       const fs::path& folder) {
  const auto pictures = pictures_by_number(stack, files);
  const Grid& grid = stack.series.grid;
  Outlines outlines;
  for (const auto& file : files) {
    const auto place = pictures.find(file.picture);
    if (place == pictures.end()) {
      throw Error("{}: is of picture {}, which the short axis of {} lacks", file.path.string(),
                  file.picture, case_name(folder));
    }
    const DicomPicture& picture = *place->second.picture;
    Outline& outline = outlines[place->second.phase][place->second.slice];
    (file.is_inner ? outline.inner : outline.outer) =
        polygon_mask(on_grid(read_corners(file.path, picture.rows, picture.columns), picture, grid),
                     grid.size[1], grid.size[0]);
  }
  return outlines;
}

// The two phases with the most contours of the cavity, in time order.
std::vector<int64_t> labeled_phases(const Outlines& outlines, const std::string& name) {
  std::vector<std::pair<int64_t, int64_t>> counts;  // of slices, and the phase
  for (const auto& [phase, slices] : outlines) {
    int64_t count = 0;
    for (const auto& [slice, outline] : slices) count += outline.inner.defined() ? 1 : 0;
    if (count > 0) counts.emplace_back(-count, phase);
  }
  std::sort(counts.begin(), counts.end());
  std::vector<int64_t> phases;
  for (size_t n = 0; n < std::min(counts.size(), kMostPhases); ++n)
    phases.push_back(counts[n].second);
  if (outlines.size() > phases.size()) {
    say(name, {"phases_without_use", fmt::format("contours in {} phases", outlines.size()),
               "those of ED and ES alone are taken"});
  }
  std::sort(phases.begin(), phases.end());
  return phases;
}

// Labels [D, H, W] of a phase, and what of them was drawn.
std::pair<torch::Tensor, std::set<int64_t>> labels_of(const std::map<int64_t, Outline>& slices,
                                                      const Grid& grid) {
  auto labels = torch::zeros({grid.size[2], grid.size[1], grid.size[0]}, torch::kUInt8);
  const bool has_wall = std::all_of(slices.begin(), slices.end(), [](const auto& slice) {
    return slice.second.outer.defined() || !slice.second.inner.defined();
  });
  for (const auto& [k, outline] : slices) {
    if (has_wall && outline.outer.defined()) labels[k].masked_fill_(outline.outer, kLvm);
    if (outline.inner.defined()) labels[k].masked_fill_(outline.inner, kLvc);
  }
  std::set<int64_t> drawn = {kLvc};
  if (has_wall) drawn.insert(kLvm);
  return {labels, drawn};
}

}  // namespace

torch::Tensor polygon_mask(const Corners& corners, int64_t rows, int64_t columns) {
  auto mask = torch::zeros({rows, columns}, torch::kBool);
  auto inside = mask.accessor<bool, 2>();
  for (int64_t row = 0; row < rows; ++row) {
    const auto y = static_cast<double>(row);
    std::vector<double> crossings;
    for (size_t n = 0; n < corners.size(); ++n) {
      const auto& [x0, y0] = corners[n];
      const auto& [x1, y1] = corners[(n + 1) % corners.size()];
      // Half open, so that a corner at this height counts once.
      if ((y0 <= y) == (y1 <= y)) continue;
      crossings.push_back(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
    }
    std::sort(crossings.begin(), crossings.end());
    for (size_t n = 0; n + 1 < crossings.size(); n += 2) {
      const auto first = static_cast<int64_t>(std::max(0.0, std::ceil(crossings[n])));
      const auto last = static_cast<int64_t>(
          std::min(static_cast<double>(columns) - 1, std::ceil(crossings[n + 1]) - 1));
      for (int64_t column = first; column <= last; ++column) inside[row][column] = true;
    }
  }
  return mask;
}

bool is_sunnybrook_patient(const fs::path& folder) {
  return !contours_in(folder).empty() && is_dicom_subject(folder);
}

Study read_sunnybrook_patient(const fs::path& folder, const ArchiveLimits& limits) {
  const DicomPlace place = {folder, list_dicom(folder, limits)};
  auto [study, stack] = read_dicom_places({place}, case_name(folder), limits);
  study.source = "Sunnybrook";
  study.inputs = {{study.name, place.listing.digest}};
  const auto files = contours_in(folder);
  const auto outlines = read_outlines(files, stack, folder);
  for (const auto& file : files) {
    study.inputs.push_back(
        {fs::relative(file.path, folder).generic_string(), sha256_of_file(file.path)});
  }
  const auto phases = labeled_phases(outlines, study.name);
  if (phases.empty()) throw Error("{}: its contours are none of the endocardium", folder.string());

  study.drawn.resize(study.phase_names.size());
  study.labels = Labels{study.sax.grid, torch::zeros(study.sax.voxels.sizes(), torch::kUInt8)};
  std::vector<int64_t> cavity;
  for (const int64_t phase : phases) {
    const auto [labels, drawn] = labels_of(outlines.at(phase), study.sax.grid);
    study.labels->voxels[phase].copy_(labels);
    study.drawn[static_cast<size_t>(phase)] = drawn;
    cavity.push_back((labels == kLvc).sum().item<int64_t>());
  }
  if (phases.size() < kMostPhases) return study;
  const size_t ed = cavity[0] >= cavity[1] ? 0 : 1;
  study.phase_names[static_cast<size_t>(phases[ed])] = "ed";
  study.phase_names[static_cast<size_t>(phases[1 - ed])] = "es";
  return study;
}

}  // namespace dmcvr
