// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/surface_figure.h"

#include "dmcvr/figures/contours.h"
#include "dmcvr/figures/heart_cameras.h"
#include "dmcvr/figures/montage.h"
#include "dmcvr/figures/preview.h"
#include "dmcvr/figures/shaded_mesh.h"
#include "dmcvr/mesh/surfaces.h"

#include <tuple>
#include <utility>

namespace dmcvr {
namespace {

constexpr int64_t kPhasesShown = 2, kTilePixels = 240;
constexpr double kGlass = 0.45;

// labels: [D', H, W] of all planes.
std::vector<ShadedSurface> surfaces_of(const torch::Tensor& labels, const Question& question) {
  // Half a gap beyond the outermost slices, as volumes reach.
  const double half_mm = 0.5 * question.given.sax.grid.spacing_mm()[2];
  const Caps caps = {half_mm, half_mm};
  std::vector<ShadedSurface> surfaces;
  for (const auto& [name, label, opacity] :
       {std::tuple("lv_endocardium", kLvc, 1.0), std::tuple("rv_endocardium", kRvc, 1.0),
        std::tuple("lv_epicardium", kLvm, kGlass)}) {
    Surface surface = heart_surface(labels, name, question.planes.grid, caps);
    surfaces.push_back({std::move(surface.mesh), label_color(label), opacity});
  }
  return surfaces;
}

}  // namespace

Picture surface_figure(const Contest& contest, const torch::Tensor& given_labels,
                       const NamedAnswers& answers) {
  const Question& question = contest.question;
  const auto given = torch::tensor(question.planes.acquired_planes, torch::kInt64);
  const auto asked = torch::tensor(question.asked, torch::kInt64);
  std::vector<Tile> tiles;
  size_t columns = 1;
  for (const int64_t t : preview_phases(question.given.phase_names, kPhasesShown)) {
    const auto known = contest.truth.labels[t];  // [D', H, W]
    std::vector<std::pair<std::string, torch::Tensor>> hearts = {{"truth", known}};
    for (const auto& [name, answer] : answers) {
      if (!answer.labels.defined()) continue;
      auto heart = known.clone();
      const auto& standing = needs_experts(name) && question.given.labels
                                 ? question.given.labels->voxels
                                 : given_labels;
      if (standing.defined()) heart.index_copy_(0, given, standing[t]);
      hearts.emplace_back(name, heart.index_copy_(0, asked, answer.labels[t]));
    }
    columns = hearts.size();
    std::vector<std::vector<ShadedSurface>> surfaces;
    for (const auto& [name, labels] : hearts) surfaces.push_back(surfaces_of(labels, question));
    const std::string& phase = question.given.phase_names[static_cast<size_t>(t)];
    for (const Camera& camera :
         heart_cameras({question.planes.grid, known.unsqueeze(0)}, kTilePixels)) {
      for (size_t n = 0; n < hearts.size(); ++n)
        tiles.push_back({draw_surfaces(surfaces[n], camera), hearts[n].first + ", " + phase, {}});
    }
  }
  MontageOptions options;
  options.columns = static_cast<int64_t>(columns);
  return montage(tiles, options);
}

}  // namespace dmcvr
