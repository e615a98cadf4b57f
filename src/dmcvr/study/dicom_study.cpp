// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_study.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/view_kind.h"
#include "dmcvr/study/view_phases.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <string>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kViewsOfStack = 3;

// One slice of a film of several, as a film of its own.
Cine one_slice(const Cine& cine, int64_t slice) {
  Cine one = cine;
  one.grid.size[2] = 1;
  one.grid.world_from_voxel.offset = cine.grid.world_from_voxel({0, 0, static_cast<double>(slice)});
  one.voxels = cine.voxels.slice(1, slice, slice + 1).clone();
  return one;
}

std::vector<View> views_of(const DicomStack& stack, const Cine& cine) {
  const int64_t slices = cine.grid.size[2];
  if (slices == 1) return {{stack.series.view, cine, {}}};
  std::vector<View> views;
  const int64_t count = std::min(kViewsOfStack, slices), first = (slices - count) / 2;
  for (int64_t k = 0; k < count; ++k)
    views.push_back({"lax" + std::to_string(k + 1), one_slice(cine, first + k), {}});
  return views;
}

void add_views(Study& study, const std::vector<View>& views) {
  std::map<std::string, int> seen;
  for (View view : views) {
    const int number = ++seen[view.name];
    if (number > 1) view.name += '_' + std::to_string(number);
    try {
      study.views.push_back(with_phases_of(study.sax, view));
    } catch (const Error& error) {
      spdlog::warn("{}: the view {} {}; it is left out", study.name, view.name, error.what());
    }
  }
}

}  // namespace

std::vector<DicomStack> find_dicom_stacks(const DicomListing& listing, const fs::path& path) {
  if (listing.pictures.empty()) {
    const auto damaged = listing.damaged_files == 0
                             ? ""
                             : fmt::format("; {} DICOM files are damaged: {}",
                                           listing.damaged_files, listing.first_damage);
    throw Error("{}: holds no DICOM picture with a place in a patient{}", path.string(), damaged);
  }
  if (listing.patients > 1) {
    throw Error("{}: holds pictures of {} patients; name the folder or archive of one",
                path.string(), listing.patients);
  }
  auto stacks = dicom_stacks(listing.pictures);
  std::vector<FoundSeries> series;
  for (const auto& stack : stacks) series.push_back(stack.series);
  tell_views(series);
  for (size_t i = 0; i < stacks.size(); ++i) stacks[i].series = series[i];
  return stacks;
}

Study read_dicom_study(const fs::path& path, const ArchiveLimits& limits) {
  const DicomListing listing = list_dicom(path, limits);
  Study study;
  study.name = case_name(path);
  study.source = "DICOM";
  study.inputs = {{study.name, listing.digest}};
  if (listing.damaged_files > 0 && !listing.pictures.empty()) {
    spdlog::warn("{}: {} damaged DICOM files are left out ({})", study.name, listing.damaged_files,
                 listing.first_damage);
  }

  // The short axis first, then what stands upright on it.
  std::vector<DicomStack> wanted;
  for (const auto& stack : find_dicom_stacks(listing, path)) {
    const std::string& view = stack.series.view;
    if (view == "sax") {
      wanted.insert(wanted.begin(), stack);
    } else if (view != "other") {
      wanted.push_back(stack);
    }
  }
  if (wanted.empty() || wanted.front().series.view != "sax") {
    throw Error("{}: {} DICOM pictures and no stack of parallel slices among them; see dmcvr info",
                path.string(), listing.pictures.size());
  }
  for (const Problem& problem : wanted.front().series.problems)
    spdlog::warn("{}: {}; {}", study.name, problem.text, problem.remedy);

  const auto cines = read_dicom_stacks(path, wanted, limits);
  study.sax = cines.front();
  study.slice_z_mm = wanted.front().series.slice_z_mm;
  check_stack(study.sax, path);
  number_phases(study);
  std::vector<View> views;
  for (size_t i = 1; i < wanted.size(); ++i) {
    for (const View& view : views_of(wanted[i], cines[i])) views.push_back(view);
  }
  add_views(study, views);
  return study;
}

}  // namespace dmcvr
