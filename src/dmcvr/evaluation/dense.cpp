// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/dense.h"

#include "dmcvr/core/error.h"
#include "dmcvr/figures/views.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/reconstruction/linear.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kBoxMarginPixels = 10;
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
  const Labels found = resample(
      Labels{truth.labels.grid, truth.labels.voxels.narrow(0, phase, 1), truth.labels.table}, grid);
  if ((found.voxels > 0).sum().item<int64_t>() == 0)
    throw Error("the truth lies somewhere else in space");
  return found;
}

// The planes around and between the true labels, of voxels grown by the margin in the plane. [D, H,
// W]
torch::Tensor heart_box(const Labels& labels) {
  const VoxelBox box = label_box(labels);
  auto mask = torch::zeros(labels.voxels.sizes().slice(1), torch::kBool);
  auto part = mask;
  for (int axis = 0; axis < 3; ++axis) {
    const double margin = axis < 2 ? kBoxMarginPixels : 0;
    const auto size = static_cast<double>(labels.grid.size[axis]);
    const double first = std::max(0.0, box.first[axis] - margin);
    const double last = std::min(size - 1, box.last[axis] + margin);
    part = part.slice(2 - axis, static_cast<int64_t>(first), static_cast<int64_t>(last) + 1);
  }
  part.fill_(true);
  return mask;
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

std::vector<DenseScore> score_dense(const Reconstruction& reconstruction, const DenseTruth& truth) {
  const Grid& grid = reconstruction.volume.grid;
  const auto& acquired = reconstruction.acquired_planes;
  const int64_t phases = reconstruction.volume.phase_count();
  std::vector<int64_t> generated;
  for (int64_t k = 0; k < grid.size[2]; ++k) {
    if (!std::binary_search(acquired.begin(), acquired.end(), k)) generated.push_back(k);
  }
  if (generated.empty()) throw Error("no plane was generated, so there is nothing to score");
  const auto planes = torch::tensor(generated, torch::kInt64);
  const auto acquired_index = torch::tensor(acquired, torch::kInt64);
  const std::vector<double> acquired_at(acquired.begin(), acquired.end());
  const std::vector<double> generated_at(generated.begin(), generated.end());
  const double p98 = percentile(reconstruction.volume.voxels.index_select(1, acquired_index), 98);
  const auto normal = [&](const torch::Tensor& image) { return image.clamp(0, p98) / p98; };

  std::vector<DenseScore> scores = {{"nearest", {}, 0}, {"linear", {}, 0}, {"dmcvr", {}, 0}};
  for (int64_t t = 0; t < phases; ++t) {
    // The truth at the generated planes.
    const int64_t phase = matching_phase(reconstruction.volume, truth, t);
    const Labels known = labels_on(grid, truth, phase);
    const auto true_labels = known.voxels[0].index_select(0, planes);  // [G, H, W]
    const auto true_image =
        normal(resample(truth.image.phase(phase), grid).voxels.index_select(0, planes));
    const auto box = heart_box(known).index_select(0, planes);

    // What each method says there.
    const auto image = reconstruction.volume.voxels[t], labels = reconstruction.labels.voxels[t];
    const torch::Tensor images[] = {
        repeat_nearest(image, acquired).index_select(0, planes),
        mix_linearly(image.index_select(0, acquired_index), acquired_at, generated_at),
        image.index_select(0, planes)};
    const torch::Tensor labelings[] = {repeat_nearest(labels, acquired), {}, labels};
    for (size_t n = 0; n < scores.size(); ++n) {
      scores[n].psnr += psnr(normal(images[n]), true_image, box) / phases;
      if (!labelings[n].defined()) continue;
      const auto said = labelings[n].index_select(0, planes);
      for (const auto& [label, name] : label_table()) {
        scores[n].dice[label] += overlap(said == label, true_labels == label).dice / phases;
      }
    }
  }
  return scores;
}

std::vector<std::string> score_table(const std::vector<DenseScore>& scores) {
  std::string heading = fmt::format("{:<10}", "method");
  for (const auto& [label, name] : label_table()) heading += fmt::format("{:>8}", name);
  std::vector<std::string> lines = {heading + fmt::format("{:>9}", "PSNR/dB")};
  for (const DenseScore& score : scores) {
    std::string line = fmt::format("{:<10}", score.method);
    for (const auto& [label, name] : label_table()) {
      const auto found = score.dice.find(label);
      line += found == score.dice.end() ? fmt::format("{:>8}", "-")
                                        : fmt::format("{:>8.3f}", found->second);
    }
    lines.push_back(line + fmt::format("{:>9.2f}", score.psnr));
  }
  return lines;
}

}  // namespace dmcvr
