// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_figure.h"

#include "evaluation/tiny_case.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Two phases, and views through the middle of the stack along its columns.
Study study_with_views(int64_t views, bool with_labels) {
  Study study = test::tiny_labeled_study(2, 5);
  for (int64_t n = 0; n < views; ++n) {
    Grid grid = study.sax.grid;
    grid.size = {44, 20, 1};
    for (auto& row : grid.world_from_voxel.matrix) row = {row[0], row[2] / 4, row[1]};
    grid.world_from_voxel.offset = study.sax.grid.world_from_voxel({0, 18 + 4.0 * n, 0});
    const Reslice seen = reslice({study.sax.voxels, study.labels->voxels}, study.sax.grid, grid);
    View view{n == 0 ? "4ch" : "2ch", {grid, seen.images.nan_to_num(0).unsqueeze(1), {}}, {}};
    if (with_labels) view.labels = Labels{grid, seen.labels.unsqueeze(1)};
    study.views.push_back(view);
  }
  return study;
}

std::vector<NamedReslices> answers_of(const Study& study, int64_t methods) {
  std::vector<NamedReslices> answers;
  for (int64_t n = 0; n < methods; ++n) {
    NamedReslices named{"method", {}};
    for (const View& view : study.views)
      named.views.push_back(
          reslice({study.sax.voxels, study.labels->voxels}, study.sax.grid, view.cine.grid));
    answers.push_back(named);
  }
  return answers;
}

std::vector<ViewTruth> truths_of(const Study& study) {
  std::vector<ViewTruth> truths;
  for (const View& view : study.views) truths.push_back(view_truth(view, study.sax.grid, {}));
  return truths;
}

Picture figure_of(const Study& study, int64_t methods) {
  return view_figure(study, truths_of(study), answers_of(study, methods));
}

}  // namespace

TEST(ViewFigure, HasARowPerPhaseAndViewAndAColumnPerMethod) {
  const Study one = study_with_views(1, true), two = study_with_views(2, true);
  const Picture base = figure_of(one, 1);
  const Picture wider = figure_of(one, 2);
  const Picture higher = figure_of(two, 1);
  EXPECT_EQ(base.height(), wider.height());
  EXPECT_GT(wider.width(), base.width() + 150);
  EXPECT_EQ(base.width(), higher.width());
  EXPECT_GT(higher.height(), base.height() + 2 * 300);
}

TEST(ViewFigure, ShowsViewsWithoutLabelsAndPicturesThatEndAtTheStack) {
  const Study study = study_with_views(1, false);
  const Picture figure = figure_of(study, 1);
  EXPECT_GT(figure.width(), 0);
  EXPECT_FALSE(figure.rgb.isnan().any().item<bool>());
}

TEST(ViewFigure, ShowsAnswersAsBrightAsTheView) {
  const Study study = study_with_views(1, true);
  auto answers = answers_of(study, 1);
  const Picture plain = view_figure(study, truths_of(study), answers);
  answers[0].views[0].images = answers[0].views[0].images * 7;
  const Picture bright = view_figure(study, truths_of(study), answers);
  EXPECT_TRUE(plain.rgb.allclose(bright.rgb, 0, 1e-3));
}

TEST(ViewFigure, WithoutLabelsHasNoLineOfOutlines) {
  const Study study = study_with_views(1, false);
  auto answers = answers_of(study, 1);
  const Picture outlined = view_figure(study, truths_of(study), answers);
  answers[0].views[0].labels = torch::Tensor();
  const Picture pictures = view_figure(study, truths_of(study), answers);
  EXPECT_LT(pictures.height(), outlined.height() - 2 * 150);
}

TEST(ViewCaption, HasDiceInsideTheStack) {
  const auto truth = torch::tensor({{0, 1, 1, 1}, {0, 2, 0, 3}}, torch::kUInt8);
  const auto labels = torch::tensor({{0, 1, 1, 0}, {0, 0, 0, 3}}, torch::kUInt8);
  const auto inside = torch::tensor({{1, 1, 1, 0}, {1, 1, 1, 0}}, torch::kBool);
  EXPECT_EQ(view_caption("shape", labels, truth, inside), "shape 1.00 0.00 -");
  EXPECT_EQ(view_caption("shape", labels, truth, torch::ones_like(inside)), "shape 0.80 0.00 1.00");
}

}  // namespace dmcvr
