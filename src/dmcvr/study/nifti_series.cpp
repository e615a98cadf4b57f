// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/nifti_series.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/geometry/orientation.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/io/nifti_grid.h"
#include "dmcvr/study/series_checks.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kFormsDifferMm = 0.5;            // less does not move a slice
constexpr double kRounding = 1e-5, kMost = 1e-3;  // cosines, as require_orthogonal has them

void name_view(FoundSeries& series) {
  std::string name = "_" + series.name + "_";
  for (char& letter : name)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
  series.view_by = "name";
  for (const auto* view : {"2ch", "3ch", "4ch"}) {
    if (!has(view)) continue;
    series.view = view;
    return;
  }
  if (has("_la_")) {
    series.view = "4ch";  // of M&Ms-2
  } else {
    series.view = series.grid.size[2] > 1 ? "sax" : "other";
    series.view_by = "geometry";
    for (const auto* word : {"_sa_", "_sax_"}) {
      if (!has(word)) continue;
      series.view = "sax";
      series.view_by = "name";
    }
  }
}

// The affine that is stored, before anything is repaired.
double stored_skew(const NiftiHeader& header) {
  const GridSource source = grid_source(header);
  if (source == GridSource::qform || source == GridSource::spacing) return 0;
  Affine affine;
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis) affine.matrix[row][axis] = header.srow[row][axis];
  }
  return skew(affine);
}

void check_forms(const NiftiHeader& header, const std::string& file, FoundSeries& series) {
  const GridSource source = grid_source(header);
  if (source == GridSource::sform_directions) {
    series.problems.push_back(
        {"unit_scale_sform",
         fmt::format("the sform disagrees with the voxel spacing {:.4g} x {:.4g} x {:.4g} mm, and "
                     "there is no qform",
                     header.pixdim[1], header.pixdim[2], header.pixdim[3]),
         "the spacing is taken with the directions of the sform (usual for ACDC)"});
  } else if (source == GridSource::qform && header.sform_code > 0) {
    series.problems.push_back({"sform_disagrees_with_spacing",
                               "the sform disagrees with the voxel spacing",
                               "the qform is taken instead"});
  } else if (source == GridSource::spacing) {
    series.problems.push_back(
        {"no_orientation", "the header does not say how the voxels lie in the patient",
         "columns to the right, rows to the front and slices to the head are assumed"});
  }
  const double apart_mm = sform_qform_distance_mm(header, file);
  if (apart_mm > kFormsDifferMm) {
    series.problems.push_back(
        {"sform_is_not_qform",
         fmt::format("sform and qform put a corner of the stack {:.1f} mm apart", apart_mm),
         "the sform is taken"});
  }
}

void check_axes(const NiftiHeader& header, FoundSeries& series) {
  const double cosine = stored_skew(header);
  if (cosine <= kRounding) return;
  if (cosine <= kMost) {
    series.problems.push_back(
        {"axes_not_at_right_angles",
         fmt::format("the cosine between two axes is {:.2g}, 0 is expected", cosine),
         "the nearest axes at right angles are taken"});
    return;
  }
  series.problems.push_back(
      {"skewed_axes",
       fmt::format("the cosine between two axes is {:.2g}, at most {} is taken as rounding", cosine,
                   kMost),
       "resample the picture onto a grid with right angles", true});
}

bool has_fatal(const FoundSeries& series) {
  return std::any_of(series.problems.begin(), series.problems.end(),
                     [](const Problem& problem) { return problem.is_fatal; });
}

std::string without(const std::string& text, const std::string& begin) {
  return text.compare(0, begin.size(), begin) == 0 ? text.substr(begin.size()) : text;
}

}  // namespace

FoundSeries nifti_series(const std::filesystem::path& path) {
  FoundSeries series;
  series.name = without_ids(without_nifti_ending(path.filename().string()));
  series.format = "NIfTI";
  series.grid.size = {0, 0, 0};
  try {
    const NiftiHeader header = read_nifti_header(path);
    series.grid.size = {header.dim[1], header.dim[2], header.dim[3]};
    series.phases = header.dim[4];
    series.times_ms = phase_times_ms(header);
    name_view(series);
    check_forms(header, path.string(), series);
    check_axes(header, series);
    series.grid = nifti_grid(header, path.string());
    check_series(series);
  } catch (const Error& error) {
    if (!has_fatal(series)) {
      series.problems.push_back({"unreadable",
                                 without(error.what(), without_ids(path.string()) + ": "),
                                 "write or fetch the file again", true});
    }
    if (series.view.empty()) series.view = "other";
  }
  return series;
}

}  // namespace dmcvr
