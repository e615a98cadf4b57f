// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/protocols.h"

#include "dmcvr/core/error.h"

#include <cmath>

namespace dmcvr {
namespace {

// Where a hidden slice may lie beside the plane that is asked for.
constexpr double kOffPlaneToleranceMm = 0.1;

// The judge's side, by the slices of the study; labels where experts drew them.
Truth truth_of(const Study& study, int64_t slice_count) {
  Truth truth;
  truth.images = study.sax.voxels.narrow(1, 0, slice_count);
  truth.p98 = percentiles_98(study.sax.voxels);
  if (study.labels) {
    truth.source = TruthSource::experts;
    truth.drawn = study.drawn;
    truth.labels = study.labels->voxels.narrow(1, 0, slice_count);
    truth.box = heart_boxes(study.labels->voxels).narrow(1, 0, slice_count);
  }
  return truth;
}

}  // namespace

Study with_every_second_slice(const Study& study, int64_t slice_count) {
  const auto kept = torch::arange(0, slice_count, 2, torch::kInt64);
  Study given = study;
  given.sax.voxels = study.sax.voxels.index_select(1, kept);
  given.sax.grid.size[2] = kept.size(0);
  for (auto& row : given.sax.grid.world_from_voxel.matrix) row[2] *= 2;
  if (study.labels) {
    given.labels->voxels = study.labels->voxels.index_select(1, kept);
    given.labels->grid = given.sax.grid;
  }
  given.slice_z_mm.clear();
  if (study.slice_z_mm.empty()) return given;
  for (int64_t k = 0; k < slice_count; k += 2)
    given.slice_z_mm.push_back(study.slice_z_mm[static_cast<size_t>(k)]);
  return given;
}

Contest hold_out_slices(const Study& study) {
  const int64_t slices = study.sax.grid.size[2];
  if (slices < 3) {
    throw Error("{} slices, at least 3 are needed, since the second one is hidden", slices);
  }
  const int64_t slice_count = slices - (slices + 1) % 2;

  Contest contest;
  Question& question = contest.question;
  question.given = with_every_second_slice(study, slice_count);
  question.slice_spacing_mm = study.sax.grid.spacing_mm()[2];
  const auto positions = slice_positions(study);
  question.planes = dense_planes(question.given.sax.grid, slice_positions(question.given),
                                 question.slice_spacing_mm);
  question.asked = question.planes.missing_planes;
  question.asked_mm = question.planes.missing_z_mm;
  for (size_t m = 0; m < question.asked.size(); ++m) {
    const size_t hidden = 2 * m + 1;
    if (question.asked[m] == static_cast<int64_t>(hidden) &&
        question.planes.grid.size[2] == slice_count &&
        std::abs(question.asked_mm[m] - positions[hidden]) <= kOffPlaneToleranceMm)
      continue;
    throw Error(
        "slices lie unevenly, so that hidden ones are not in the middle between those around them; "
        "held-out-slices needs an even pitch");
  }
  contest.truth = truth_of(study, slice_count);
  return contest;
}

Contest ask_for_given(const Study& study) {
  Contest contest;
  Question& question = contest.question;
  question.given = study;
  question.slice_spacing_mm = study.sax.grid.spacing_mm()[2];
  question.planes = dense_planes(study.sax.grid, slice_positions(study), question.slice_spacing_mm);
  question.asked = question.planes.acquired_planes;
  question.asked_mm = question.planes.acquired_z_mm;
  if (question.planes.grid.size[2] != study.sax.grid.size[2])
    throw Error("slices lie unevenly; the protocol regenerate needs an even pitch");
  contest.truth = truth_of(study, study.sax.grid.size[2]);
  return contest;
}

}  // namespace dmcvr
