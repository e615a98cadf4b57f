// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/reslice.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// Right angles, 2 x 3 mm pixels, planes 4 mm apart.
Grid plain_stack() {
  Grid grid;
  grid.size = {6, 5, 4};
  grid.world_from_voxel.matrix = {{{2, 0, 0}, {0, 3, 0}, {0, 0, 4}}};
  return grid;
}

// Pixels of 1 mm in the plane y = 6: columns along x, rows along z, beginning at (x, z).
Grid upright_view(double x, double z, int64_t columns, int64_t rows) {
  Grid grid;
  grid.size = {columns, rows, 1};
  grid.world_from_voxel.matrix = {{{1, 0, 0}, {0, 0, -8}, {0, 1, 0}}};
  grid.world_from_voxel.offset = {x, 6, z};
  return grid;
}

View view_on(const Grid& grid, const std::string& name) {
  return {name, {grid, torch::zeros({1, 1, grid.size[1], grid.size[0]}), {}}, {}};
}

std::string error_of(const Grid& stack, const Study& study) {
  try {
    views_through(stack, study);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(AllPlanes, AreAskedForWhereTheyLie) {
  const Study study = test::tiny_labeled_study(1, 4);  // 9 mm
  const Question question = ask_for_all_planes(study, 3);
  ASSERT_EQ(question.asked.size(), 10U);
  for (size_t n = 0; n < question.asked.size(); ++n) {
    EXPECT_EQ(question.asked[n], static_cast<int64_t>(n));
    EXPECT_NEAR(question.asked_mm[n], 3.0 * static_cast<double>(n), 1e-9);
  }
  EXPECT_FALSE(question.asks_for_given());
  EXPECT_THROW(ask_for_all_planes(study, 9), Error);
}

TEST(AllPlanes, UnevenSlicesAreAskedForAtTheirOwnPositions) {
  Study study = test::tiny_labeled_study(1, 4);
  study.slice_z_mm = {0, 9, 19, 28};
  const Question question = ask_for_all_planes(study, 3);
  for (size_t k = 0; k < 4; ++k) {
    const auto plane = static_cast<size_t>(question.planes.acquired_planes[k]);
    EXPECT_EQ(question.asked_mm[plane], study.slice_z_mm[k]);
  }
  EXPECT_TRUE(std::is_sorted(question.asked_mm.begin(), question.asked_mm.end()));
}

TEST(AllPlanes, AcquiredOnesAreAnsweredAsAcquired) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_labeled_study(2, 4);
  const Question question = ask_for_all_planes(study, 3);
  Contestants contestants(question, {&networks, nullptr}, test::tiny_options(study));
  const auto acquired = torch::tensor(question.planes.acquired_planes);
  const auto at_slices = [&](const torch::Tensor& planes) {
    return planes.index_select(1, acquired);
  };
  for (const Method method : {Method::nearest, Method::linear, Method::registration, Method::dmcvr,
                              Method::dmcvr_registration}) {
    const Answer answer = contestants.answer(method);
    EXPECT_EQ(answer.images.size(1), 10) << method_name(method);
    EXPECT_TRUE(at_slices(answer.images).equal(study.sax.voxels)) << method_name(method);
    EXPECT_EQ(answer.labels.size(1), 10) << method_name(method);
  }
  for (const Method method : {Method::nearest_expert, Method::shape_expert})
    EXPECT_TRUE(at_slices(contestants.answer(method).labels).equal(study.labels->voxels))
        << method_name(method);
}

TEST(InsideStack, EndsAtTheOutermostCentersAlongTheStackAndAtTheOutermostPixelsInPlane) {
  // Planes at z = 0 … 12; pixels cover x = -1 … 11.
  const auto inside = inside_stack(plain_stack(), upright_view(-3, -2, 18, 17));
  for (int64_t row = 0; row < 17; ++row) {
    for (int64_t column = 0; column < 18; ++column) {
      const double x = static_cast<double>(column) - 3, z = static_cast<double>(row) - 2;
      EXPECT_EQ(inside[row][column].item<bool>(), x >= -1 && x <= 11 && z >= 0 && z <= 12);
    }
  }
}

TEST(NearPoint, IsADisc) {
  const auto near = near_point(upright_view(0, 0, 21, 21), {10, 6 + 3, 10}, 5);
  // 3 mm in front of the plane: a disc of 4 mm in it, 49 pixels.
  EXPECT_EQ(near.sum().item<int64_t>(), 49);
  EXPECT_TRUE(near[14][10].item<bool>());
  EXPECT_FALSE(near[15][10].item<bool>());
}

TEST(ViewsThrough, ThoseThatMissTheStackAreLeftOut) {
  Study study = test::tiny_labeled_study(1, 4);
  EXPECT_NE(error_of(plain_stack(), study).find("no long-axis views"), std::string::npos);
  study.views = {view_on(upright_view(0, 500, 9, 9), "2ch")};
  EXPECT_NE(error_of(plain_stack(), study).find("none of its long-axis views"), std::string::npos);
  study.views.push_back(view_on(upright_view(0, 0, 9, 9), "4ch"));
  const auto views = views_through(plain_stack(), study);
  ASSERT_EQ(views.size(), 1U);
  EXPECT_EQ(views[0].name, "4ch");
}

TEST(Reslice, AtThePixelsOfAPlaneIsThePlane) {
  const Grid stack = test::tiny_grid(4, 9);  // oblique
  const Answer answer = {test::golden_input("dense", {2, 4, 40, 44}),
                         (test::golden_input("labels", {2, 4, 40, 44}) * 2 + 2).to(torch::kUInt8)};
  Grid plane = stack;
  plane.size[2] = 1;
  plane.world_from_voxel.offset = stack.world_from_voxel({0, 0, 2});
  for (const bool soft : {false, true}) {
    const Reslice made = reslice(answer, stack, plane, soft);
    EXPECT_TRUE(made.images.equal(answer.images.select(1, 2)));
    EXPECT_TRUE(made.labels.equal(answer.labels.select(1, 2)));
  }
  EXPECT_FALSE(reslice({answer.images, {}}, stack, plane).labels.defined());
  EXPECT_FALSE(reslice({{}, answer.labels}, stack, plane).images.defined());
}

TEST(Reslice, AcrossThePlanesIsLinearForPicturesAndNearestOrSoftForLabels) {
  const Grid stack = plain_stack();
  // x + 10 z at the centers of the voxels, which linear sampling continues between them.
  const auto x = 2 * torch::arange(6, torch::kFloat32).view({1, 1, 1, 6});
  const auto z = 4 * torch::arange(4, torch::kFloat32).view({1, 4, 1, 1});
  Answer answer = {(x + 10 * z).expand({1, 4, 5, 6}).contiguous(),
                   torch::zeros({1, 4, 5, 6}, torch::kUInt8)};
  answer.labels[0][1][2][3] = kLvm;  // at x = 6, z = 4
  const Grid view = upright_view(-2, -4, 14, 20);
  const Reslice hard = reslice(answer, stack, view), soft = reslice(answer, stack, view, true);
  for (int64_t row = 0; row < 20; ++row) {
    for (int64_t column = 0; column < 14; ++column) {
      const double px = static_cast<double>(column) - 2, pz = static_cast<double>(row) - 4;
      const double found = hard.images[0][row][column].item<double>();
      if (px >= 0 && px <= 10 && pz >= 0 && pz <= 12) {
        EXPECT_NEAR(found, px + 10 * pz, 1e-4);
      }
      if (px < -1 || px > 11 || pz < -2 || pz > 14) {
        EXPECT_TRUE(std::isnan(found));
      }
      // One voxel reaches half a voxel far; its share is more than half in a smaller region.
      const double u = std::abs(px - 6) / 2, w = std::abs(pz - 4) / 4;
      const int64_t nearest = hard.labels[0][row][column].item<int64_t>();
      if (u < 0.5 && w < 0.5) {
        EXPECT_EQ(nearest, kLvm);
      }
      if (u > 0.5 || w > 0.5) {
        EXPECT_EQ(nearest, 0);
      }
      const double share = std::max(0.0, 1 - u) * std::max(0.0, 1 - w);
      if (std::abs(share - 0.5) < 1e-3) continue;
      EXPECT_EQ(soft.labels[0][row][column].item<int64_t>(), share > 0.5 ? kLvm : 0);
    }
  }
}

}  // namespace dmcvr
