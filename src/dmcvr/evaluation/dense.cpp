// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/dense.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/reconstruction/nearest.h"

#include <cmath>

namespace dmcvr {
namespace {

constexpr double kSameTimeMs = 1;

// The phase of the truth that belongs to phase t of a film.
int64_t matching_phase(const Cine& film, const DenseTruth& truth, int64_t t) {
  const auto& times = film.times_ms;
  const auto& known = truth.image.times_ms;
  if (!times.empty() && !known.empty()) {
    const double time = times[static_cast<size_t>(t)];
    for (size_t n = 0; n < known.size(); ++n) {
      if (std::abs(known[n] - time) < kSameTimeMs) return static_cast<int64_t>(n);
    }
    throw Error("the truth has no phase at {} ms", time);
  }
  if (truth.image.phase_count() != film.phase_count()) {
    throw Error("the truth has {} phases, the study {}, and times to match them are missing",
                truth.image.phase_count(), film.phase_count());
  }
  return t;
}

// Throws Error if none of them lie there.
Labels labels_on(const Grid& grid, const DenseTruth& truth, int64_t phase) {
  Labels found = resample(
      Labels{truth.labels.grid, truth.labels.voxels.narrow(0, phase, 1), truth.labels.table}, grid);
  if ((found.voxels > 0).sum().item<int64_t>() == 0)
    throw Error("the truth lies somewhere else in space");
  return found;
}

}  // namespace

DenseTruth read_dense_truth(const std::filesystem::path& folder) {
  DenseTruth truth = {read_nifti(folder / "dense_image.nii.gz"),
                      read_nifti_labels(folder / "dense_labels.nii.gz", label_table())};
  if (truth.labels.phase_count() != truth.image.phase_count()) {
    throw Error("{}: {} phases of images, {} of labels", folder.string(), truth.image.phase_count(),
                truth.labels.phase_count());
  }
  return truth;
}

void check_truth(const Cine& film, const DenseTruth& truth) {
  for (int64_t t = 0; t < film.phase_count(); ++t) {
    labels_on(film.grid, truth, matching_phase(film, truth, t));
  }
}

Contest ask_for_dense(const Study& study, const DenseTruth& truth, double slice_spacing_mm) {
  Contest contest;
  Question& question = contest.question;
  question.given = study;
  question.slice_spacing_mm = slice_spacing_mm;
  question.planes = dense_planes(study.sax.grid, slice_positions(study), slice_spacing_mm);
  question.asked = question.planes.missing_planes;
  question.asked_mm = question.planes.missing_z_mm;
  if (question.asked.empty()) {
    throw Error("no plane lies between the slices, so there is nothing to score");
  }

  std::vector<torch::Tensor> images, labels;
  for (int64_t t = 0; t < study.sax.phase_count(); ++t) {
    const int64_t phase = matching_phase(study.sax, truth, t);
    labels.push_back(labels_on(question.planes.grid, truth, phase).voxels[0]);
    images.push_back(resample(truth.image.phase(phase), question.planes.grid).voxels);
  }
  contest.truth.source = TruthSource::phantom;
  contest.truth.images = torch::stack(images);
  contest.truth.labels = torch::stack(labels);
  contest.truth.box = heart_boxes(contest.truth.labels);
  contest.truth.p98 = percentiles_98(study.sax.voxels);
  return contest;
}

std::vector<VolumeScore> score_dense(const Study& study, const Reconstruction& reconstruction,
                                     const DenseTruth& truth, Method method) {
  const Contest contest = ask_for_dense(study, truth, reconstruction.volume.grid.spacing_mm()[2]);
  const Question& question = contest.question;
  const auto planes = torch::tensor(question.asked, torch::kInt64);
  const auto given = torch::tensor(question.planes.acquired_planes, torch::kInt64);

  // The two that need no network answer as they do in a contest.
  Contestants contestants(question, {}, {});
  Answer nearest = contestants.answer(Method::nearest);
  std::vector<torch::Tensor> labels;
  for (int64_t t = 0; t < study.sax.phase_count(); ++t) {
    labels.push_back(nearest_slices(reconstruction.labels.voxels[t].index_select(0, given),
                                    question.planes.acquired_z_mm, question.asked_mm));
  }
  nearest.labels = torch::stack(labels);
  const Answer made = {reconstruction.volume.voxels.index_select(1, planes),
                       reconstruction.labels.voxels.index_select(1, planes)};

  std::vector<VolumeScore> scores;
  for (const auto& [contestant, answer] :
       {std::pair(Method::nearest, nearest),
        std::pair(Method::linear, contestants.answer(Method::linear)), std::pair(method, made)}) {
    for (auto& score : score_answer(method_name(contestant), answer, question, contest.truth))
      scores.push_back(std::move(score));
  }
  return scores;
}

}  // namespace dmcvr
