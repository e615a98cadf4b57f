// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_study.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/problem_log.h"
#include "dmcvr/study/series_checks.h"
#include "dmcvr/study/study_files.h"
#include "dmcvr/study/view_kind.h"
#include "dmcvr/study/view_phases.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kViewsOfStack = 3;

// One slice of a film of several, as a film of its own. `z_mm`: where all lie along the normal;
// empty where the pitch is even.
Cine one_slice(const Cine& cine, int64_t slice, const std::vector<double>& z_mm) {
  Cine one = cine;
  one.grid.size[2] = 1;
  const double place = z_mm.empty() ? static_cast<double>(slice)
                                    : z_mm[static_cast<size_t>(slice)] / cine.grid.spacing_mm()[2];
  one.grid.world_from_voxel.offset = cine.grid.world_from_voxel({0, 0, place});
  one.voxels = cine.voxels.slice(1, slice, slice + 1).clone();
  return one;
}

std::vector<View> views_of(const DicomStack& stack, const Cine& cine) {
  const int64_t slices = cine.grid.size[2];
  if (slices == 1) return {{stack.series.view, cine, {}}};
  std::vector<View> views;
  const int64_t count = std::min(kViewsOfStack, slices), first = (slices - count) / 2;
  for (int64_t k = 0; k < count; ++k)
    views.push_back(
        {"lax" + std::to_string(k + 1), one_slice(cine, first + k, stack.series.slice_z_mm), {}});
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
      say(study.name, {"view_left_out", fmt::format("the view {} {}", view.name, error.what()),
                       "it is left out"});
    }
  }
}

const std::string& examination_of(const DicomStack& stack) {
  return stack.slices.front().front().study_uid;
}

// Of a folder or archive the examination counts that has the short axis, if no other one has half
// as many pictures along it: which heart is meant cannot be guessed.
void settle_examinations(std::vector<DicomStack>& stacks, const fs::path& path) {
  const auto sax = std::find_if(stacks.begin(), stacks.end(),
                                [](const DicomStack& stack) { return stack.series.view == "sax"; });
  if (sax == stacks.end()) return;
  std::set<std::string> all;
  std::map<std::string, int64_t> pictures_along;
  for (const auto& stack : stacks) {
    all.insert(examination_of(stack));
    const auto& series = stack.series;
    // Localizers of one phase lie along many hearts.
    if (are_parallel(series.grid, sax->series.grid) && 2 * series.phases >= sax->series.phases)
      pictures_along[examination_of(stack)] += series.grid.size[2] * series.phases;
  }
  const int64_t pictures = pictures_along[examination_of(*sax)];
  const auto rivals = std::count_if(pictures_along.begin(), pictures_along.end(),
                                    [&](const auto& one) { return 2 * one.second >= pictures; });
  if (rivals > 1) {
    throw Error(
        "{}: holds short-axis pictures of {} examinations; name the folder or archive of one",
        path.string(), rivals);
  }
  if (all.size() == 1) return;
  sax->series.problems.push_back({"several_examinations",
                                  fmt::format("pictures of {} examinations lie here", all.size()),
                                  "those of the one with the short axis are taken"});
  for (auto& stack : stacks) {
    if (examination_of(stack) != examination_of(*sax)) stack.series.view = "other";
  }
}

}  // namespace

std::vector<DicomStack> find_dicom_stacks(const DicomListing& listing, const fs::path& path) {
  return find_dicom_stacks(std::vector<DicomPlace>{{path, listing}}).front();
}

std::vector<std::vector<DicomStack>> find_dicom_stacks(const std::vector<DicomPlace>& places) {
  std::vector<std::vector<DicomStack>> stacks;
  std::vector<FoundSeries> series;
  for (const DicomPlace& place : places) {
    const DicomListing& listing = place.listing;
    const fs::path& path = place.path;
    if (listing.pictures.empty()) {
      const auto damaged = listing.damaged_files == 0
                               ? ""
                               : fmt::format(" ({} DICOM files are damaged: {})",
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
  for (size_t n = 0; n < stacks.size(); ++n) {
    for (auto& stack : stacks[n]) stack.series = *told++;
    settle_examinations(stacks[n], places[n].path);
  }
  return stacks;
}

std::vector<Problem> problems_of(const DicomPlace& place) {
  std::vector<Problem> problems = place.problems;
  const DicomListing& listing = place.listing;
  if (listing.damaged_files > 0) {
    problems.push_back(
        {"damaged_files",
         fmt::format("{} DICOM file{} damaged: {}", listing.damaged_files,
                     listing.damaged_files == 1 ? " is" : "s are", listing.first_damage),
         "left out; fetch or write them again"});
  }
  return problems;
}

DicomStudy read_dicom_places(const std::vector<DicomPlace>& places, const std::string& name,
                             const ArchiveLimits& limits) {
  DicomStudy found;
  Study& study = found.study;
  study.name = name;
  study.source = "DICOM";
  const auto stacks = find_dicom_stacks(places);
  for (const auto& place : places) {
    for (const Problem& problem : problems_of(place)) say(name, problem);
  }
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
          "{}: pictures in DICOM files: {}, and no stack of parallel slices among them; see dmcvr "
          "info",
          path.string(), places[n].listing.pictures.size());
    }
    if (wanted.empty()) continue;
    const auto cines = read_dicom_stacks(path, wanted, limits);
    size_t first_view = 0;
    if (n == 0) {
      found.sax = wanted.front();
      for (const Problem& problem : found.sax.series.problems) say(name, problem);
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
