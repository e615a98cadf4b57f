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
  return find_dicom_stacks(std::vector<DicomPlace>{{path, listing}}).front();
}

std::vector<std::vector<DicomStack>> find_dicom_stacks(const std::vector<DicomPlace>& places) {
  std::vector<std::vector<DicomStack>> stacks;
  std::vector<FoundSeries> series;
  for (const auto& [path, listing] : places) {
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
    stacks.push_back(dicom_stacks(listing.pictures));
    for (const auto& stack : stacks.back()) series.push_back(stack.series);
  }
  tell_views(series);
  auto told = series.begin();
  for (auto& of_place : stacks) {
    for (auto& stack : of_place) stack.series = *told++;
  }
  return stacks;
}

DicomStudy read_dicom_places(const std::vector<DicomPlace>& places, const std::string& name,
                             const ArchiveLimits& limits) {
  DicomStudy found;
  Study& study = found.study;
  study.name = name;
  study.source = "DICOM";
  for (const auto& [path, listing] : places) {
    if (listing.damaged_files == 0 || listing.pictures.empty()) continue;
    spdlog::warn("{}: {} damaged DICOM files are left out ({})", name, listing.damaged_files,
                 listing.first_damage);
  }

  const auto stacks = find_dicom_stacks(places);
  std::vector<View> views;
  for (size_t n = 0; n < places.size(); ++n) {
    const fs::path& path = places[n].path;
    // The short axis first, then what stands upright on it.
    std::vector<DicomStack> wanted;
    for (const auto& stack : stacks[n]) {
      const std::string& view = stack.series.view;
      if (view == "sax" && n == 0) {
        wanted.insert(wanted.begin(), stack);
      } else if (view != "other" && view != "sax") {
        wanted.push_back(stack);
      }
    }
    if (n == 0 && (wanted.empty() || wanted.front().series.view != "sax")) {
      throw Error(
          "{}: {} DICOM pictures and no stack of parallel slices among them; see dmcvr info",
          path.string(), places[n].listing.pictures.size());
    }
    if (wanted.empty()) continue;
    const auto cines = read_dicom_stacks(path, wanted, limits);
    size_t first_view = 0;
    if (n == 0) {
      found.sax = wanted.front();
      for (const Problem& problem : found.sax.series.problems)
        spdlog::warn("{}: {}; {}", name, problem.text, problem.remedy);
      study.sax = cines.front();
      study.slice_z_mm = found.sax.series.slice_z_mm;
      check_stack(study.sax, path);
      number_phases(study);
      first_view = 1;
    }
    for (size_t i = first_view; i < wanted.size(); ++i) {
      for (const View& view : views_of(wanted[i], cines[i])) views.push_back(view);
    }
  }
  add_views(study, views);
  return found;
}

Study read_dicom_study(const fs::path& path, const ArchiveLimits& limits) {
  const DicomPlace place = {path, list_dicom(path, limits)};
  Study study = read_dicom_places({place}, case_name(path), limits).study;
  study.inputs = {{study.name, place.listing.digest}};
  return study;
}

bool comes_from_dicom(const Study& study) {
  return study.source == "DICOM" || study.source == "UK Biobank" || study.source == "Sunnybrook";
}

DicomIdentity identity_of_study(const fs::path& path, const ArchiveLimits& limits) {
  for (const auto& stack : find_dicom_stacks(list_dicom(path, limits), path)) {
    if (stack.series.view == "sax") return identity_of_stack(path, stack, limits);
  }
  throw Error("{}: no stack of parallel slices among its DICOM pictures", path.string());
}

}  // namespace dmcvr
