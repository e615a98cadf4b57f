// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_scores.h"

#include "evaluation/voxel_bound.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

// ---- a heart of spheres, whose sections are known: cavity and wall around one center, the right
// ---- ventricle beside them

constexpr double kCavityMm = 20, kWallMm = 30, kRightMm = 18, kBesideMm = 49;
constexpr double kVoxelMm = 0.6, kPixelMm = 1.1;
// No point of a voxel is farther from its center.
const double kVoxelReachMm = std::sqrt(3.0) / 2 * kVoxelMm;
const Point kHeartCenter = {12, -30, 55};

// Three unit vectors at right angles that lie along no axis of the world.
std::array<Point, 3> oblique_frame(const Point& first, const Point& near_second) {
  const Point a = unit_vector(first), c = unit_vector(cross(a, near_second));
  return {a, cross(c, a), c};
}

Grid grid_around(const std::array<Point, 3>& frame, const std::array<int64_t, 3>& size,
                 double spacing_mm, const Point& middle) {
  Grid grid;
  grid.size = size;
  Point corner = middle;
  for (size_t axis = 0; axis < 3; ++axis) {
    for (size_t i = 0; i < 3; ++i)
      grid.world_from_voxel.matrix[i][axis] = spacing_mm * frame[axis][i];
    const double half = spacing_mm * static_cast<double>(size[axis] - 1) / 2;
    corner = minus(corner, times(half, frame[axis]));
  }
  grid.world_from_voxel.offset = corner;
  return grid;
}

const std::array<Point, 3> kStackFrame = oblique_frame({1, 0.3, -0.2}, {0.1, 1, 0.4});
// A plane through both centers.
const Point kToRight = unit_vector({0.5, -0.7, 0.4});
const std::array<Point, 3> kViewFrame = oblique_frame(kToRight, {0.2, 0.3, 1});

Grid sphere_stack(int64_t planes = 161) {
  return grid_around(kStackFrame, {161, 161, planes}, kVoxelMm,
                     plus(kHeartCenter, times(14, kToRight)));
}

Grid sphere_view() {
  return grid_around(kViewFrame, {96, 84, 1}, kPixelMm, plus(kHeartCenter, times(14, kToRight)));
}

// Labels at the centers of a grid, [1, D, H, W], of a heart at `center`.
torch::Tensor spheres_on(const Grid& grid, const Point& center = kHeartCenter) {
  const auto index = [&](int axis) {
    std::vector<int64_t> shape = {1, 1, 1};
    shape[static_cast<size_t>(2 - axis)] = -1;
    return torch::arange(grid.size[static_cast<size_t>(axis)], torch::kFloat64).view(shape);
  };
  const auto distance_to = [&](const Point& p) {
    torch::Tensor squared = torch::zeros({1}, torch::kFloat64);
    for (size_t i = 0; i < 3; ++i) {
      const auto& row = grid.world_from_voxel.matrix[i];
      const auto part = row[0] * index(0) + row[1] * index(1) + row[2] * index(2) +
                        (grid.world_from_voxel.offset[i] - p[i]);
      squared = squared + part.square();
    }
    return squared.sqrt();
  };
  const auto left = distance_to(center);
  const auto right = distance_to(plus(center, times(kBesideMm, kToRight)));
  auto labels = torch::zeros(left.sizes(), torch::kUInt8);
  labels.masked_fill_(right < kRightMm, kRvc);
  labels.masked_fill_(left < kWallMm, kLvm);
  labels.masked_fill_(left < kCavityMm, kLvc);
  return labels.unsqueeze(0);
}

View sphere_truth() {
  View view{"4ch", {}, {}};
  view.cine.grid = sphere_view();
  view.labels = Labels{view.cine.grid, spheres_on(view.cine.grid)};
  view.cine.voxels = view.labels->voxels.to(torch::kFloat32);
  return view;
}

// Of a heart that lies at `center` in the planes.
ViewScore sphere_score(const Grid& stack, const Point& center = kHeartCenter) {
  const View view = sphere_truth();
  const Reslice said = reslice({{}, spheres_on(stack, center)}, stack, view.cine.grid);
  return score_view(said, view_truth(view, stack, {}))[0];
}

// What the Dice of a structure can be where each pixel shows some point at most a voxel's reach
// away: pixels that are surely in it, and such that may be. Signed depths in the structure.
struct DiceBounds {
  double low = 0, high = 0;
};

DiceBounds bounds_of(int64_t label, const Point& center) {
  const Grid grid = sphere_view();
  double known = 0, sure = 0, possible = 0, sure_and_known = 0, possible_and_known = 0;
  for (int64_t j = 0; j < grid.size[1]; ++j) {
    for (int64_t i = 0; i < grid.size[0]; ++i) {
      const Point p = grid.world_from_voxel({static_cast<double>(i), static_cast<double>(j), 0});
      const auto depth = [&](const Point& middle) {
        const double r = length(minus(p, middle));
        if (label == kLvc) return kCavityMm - r;
        if (label == kLvm) return std::min(r - kCavityMm, kWallMm - r);
        return kRightMm - length(minus(p, plus(middle, times(kBesideMm, kToRight))));
      };
      const bool is_known = depth(kHeartCenter) > 0;
      const bool is_sure = depth(center) > kVoxelReachMm;
      const bool is_possible = depth(center) > -kVoxelReachMm;
      known += is_known ? 1 : 0;
      sure += is_sure ? 1 : 0;
      possible += is_possible ? 1 : 0;
      sure_and_known += is_sure && is_known ? 1 : 0;
      possible_and_known += is_possible && is_known ? 1 : 0;
    }
  }
  return {2 * sure_and_known / (known + possible), 2 * possible_and_known / (known + sure)};
}

double dice_of(const ViewScore& score, const std::string& name, bool whole = false) {
  return (whole ? score.dice_whole : score.dice).at(name);
}

// A view of one phase with a picture and maybe labels, and an answer to it.
struct SmallView {
  View view;
  Reslice said;
  ViewTruth truth;
};

SmallView small_view(bool with_labels) {
  SmallView made;
  Grid grid;
  grid.size = {40, 40, 1};
  made.view = {"2ch", {grid, test::golden_input("view", {1, 1, 40, 40}, 100, 200), {}}, {}};
  auto labels = torch::zeros({1, 1, 40, 40}, torch::kUInt8);
  labels[0][0].slice(0, 10, 30).slice(1, 15, 25).fill_(kLvm);
  labels[0][0].slice(0, 10, 30).slice(1, 18, 22).fill_(kLvc);
  if (with_labels) made.view.labels = Labels{grid, labels};
  made.said = {made.view.cine.voxels.select(1, 0) * 2 + 5, labels.select(1, 0).clone()};
  made.truth = {made.view, torch::ones({40, 40}, torch::kBool),
                torch::ones({40, 40}, torch::kBool)};
  return made;
}

}  // namespace

TEST(ViewScore, OfTheTruthItselfIsOneWithinAVoxel) {
  const ViewScore score = sphere_score(sphere_stack());
  for (const auto& [label, name] : label_table()) {
    const DiceBounds bounds = bounds_of(label, kHeartCenter);
    EXPECT_GE(dice_of(score, name), bounds.low) << name;
    EXPECT_GT(bounds.low, 0.84) << "the bound says something";
    EXPECT_DOUBLE_EQ(dice_of(score, name), dice_of(score, name, true)) << "all lies in the stack";
  }
  EXPECT_EQ(score.shift_mm(), 0);
}

TEST(ViewScore, OfAShiftedStackDropsAsComputedAndTheShiftIsReported) {
  for (const auto& [columns_mm, rows_mm] :
       {std::pair{4.4, 0.0}, {0.0, -3.3}, {-5.5, 5.5}, {2.0, 1.0}}) {
    const Point center =
        plus(kHeartCenter, plus(times(columns_mm, kViewFrame[0]), times(rows_mm, kViewFrame[1])));
    const ViewScore score = sphere_score(sphere_stack(), center);
    for (const auto& [label, name] : label_table()) {
      const DiceBounds bounds = bounds_of(label, center);
      EXPECT_GE(dice_of(score, name), bounds.low) << name;
      EXPECT_LE(dice_of(score, name), bounds.high) << name;
    }
    // The lens that two discs share, over one of them.
    const double s = std::hypot(columns_mm, rows_mm), r = kCavityMm;
    const double lens = 2 * r * r * std::acos(s / (2 * r)) - s / 2 * std::sqrt(4 * r * r - s * s);
    // Rounding to voxels and pixels moves borders of 2 pi r by a small part of a pixel on average.
    EXPECT_NEAR(dice_of(score, "LVC"), lens / (std::acos(-1.0) * r * r), 0.01);
    EXPECT_NEAR(score.shift_column_mm, -columns_mm, kPixelMm);
    EXPECT_NEAR(score.shift_row_mm, -rows_mm, kPixelMm);
  }
}

TEST(ViewScore, InsideTheStackNothingIsLostThatLiesBeyondIt) {
  // Planes up to 12 mm on both sides of the middle: a band of the heart.
  const Grid stack = sphere_stack(41);
  const ViewScore score = sphere_score(stack);
  const View view = sphere_truth();
  const auto inside = inside_stack(stack, view.cine.grid);
  for (const auto& [label, name] : label_table()) {
    const auto known = view.labels->voxels[0][0] == label;
    const double seen = (known & inside).sum().item<double>(), all = known.sum().item<double>();
    ASSERT_LT(seen, 0.9 * all);
    EXPECT_GT(dice_of(score, name), bounds_of(label, kHeartCenter).low - 0.05)
        << "the border weighs a little more in a part of the heart";
    // An answer that has all of what is inside and nothing else, give or take half a plane's worth.
    EXPECT_NEAR(dice_of(score, name, true), 2 * seen / (all + seen), 0.03) << name;
  }
}

TEST(ViewScore, OfAPhantomsDenseTruthIsOneWithinAVoxel) {
  PhantomOptions options;
  options.seed = 5;
  options.phases = 1;
  options.spacing_mm = 1;
  options.matrix = 150;
  options.breath_hold_mm = 0;
  const Phantom phantom = make_phantom(options);
  const Grid& stack = phantom.dense_labels.grid;
  ASSERT_EQ(phantom.study.views.size(), 3U);
  for (const View& view : phantom.study.views) {
    const Reslice said = reslice({{}, phantom.dense_labels.voxels}, stack, view.cine.grid);
    const ViewScore score = score_view(said, view_truth(view, stack, {}))[0];
    for (const auto& [label, name] : label_table()) {
      const auto known = (view.labels->voxels[0][0] == label) & inside_stack(stack, view.cine.grid);
      if (!known.any().item<bool>()) continue;
      const double bound = test::least_dice_of_exact_labels(known, options.spacing_mm, stack);
      EXPECT_GE(dice_of(score, name), bound) << view.name << ' ' << name;
      // What the voxels of 1 mm cost in fact: half of them lie to either side of a border.
      EXPECT_GT(dice_of(score, name), 0.9) << view.name << ' ' << name;
    }
    EXPECT_LE(score.shift_mm(), 1 + 1e-9) << view.name;
  }
}

TEST(ViewScore, AStructureThatAViewDoesNotShowHasNone) {
  SmallView made = small_view(true);
  made.said.labels[0].slice(0, 0, 4).fill_(kRvc);
  const ViewScore score = score_view(made.said, made.truth)[0];
  EXPECT_TRUE(std::isnan(dice_of(score, "RVC")));
  EXPECT_DOUBLE_EQ(dice_of(score, "LVM"), 1);
  EXPECT_LT(dice_of(score, kUnion), 0.8);  // there it counts
  for (const ViewMeasure& measure : view_measures()) {
    if (measure.name == "mean_dice") {
      EXPECT_DOUBLE_EQ(measure.value(score), 1);
    }
  }
}

TEST(ViewScore, WithoutLabelsPicturesAreCompared) {
  SmallView made = small_view(false);
  const ViewScore score = score_view(made.said, made.truth)[0];
  EXPECT_TRUE(score.dice.empty() && score.dice_whole.empty());
  EXPECT_NEAR(score.correlation, 1, 1e-6);
  EXPECT_NEAR(score.edge_agreement, 1, 1e-6);
  EXPECT_EQ(score.shift_mm(), 0);
  made.said.images = made.said.images.roll(3, 2);
  const ViewScore moved = score_view(made.said, made.truth)[0];
  EXPECT_LT(moved.correlation, 0.5);
  EXPECT_DOUBLE_EQ(moved.shift_column_mm, -3);
  EXPECT_DOUBLE_EQ(moved.shift_row_mm, 0);
  // Labels alone have nothing to be compared with.
  const ViewScore blind = score_view({{}, made.said.labels}, made.truth)[0];
  EXPECT_TRUE(std::isnan(blind.correlation) && std::isnan(blind.shift_mm()));
}

TEST(ViewTruth, PicturesAreComparedAroundTheHeart) {
  // 300 mm of view inside the stack, labels or a center at one end.
  Grid stack;
  stack.size = {301, 40, 40};
  View view{"4ch", {}, {}};
  view.cine.grid.size = {301, 30, 1};
  view.cine.grid.world_from_voxel.offset = {0, 5, 20};
  view.cine.voxels = torch::zeros({1, 1, 30, 301});
  EXPECT_TRUE(view_truth(view, stack, {}).heart.all().item<bool>());
  const auto columns = [&](const std::optional<Point>& center) {
    return view_truth(view, stack, center).heart.any(0).sum().item<int64_t>();
  };
  EXPECT_EQ(columns(Point{250, 10, 20}), 131);  // 170 to 300
  view.labels = Labels{view.cine.grid, torch::zeros({1, 1, 30, 301}, torch::kUInt8)};
  EXPECT_EQ(columns(Point{250, 10, 20}), 131);
  view.labels->voxels[0][0].slice(0, 5, 6).slice(1, 20, 31).fill_(kLvc);
  EXPECT_EQ(columns(Point{250, 10, 20}), 106);  // 0 to 105
}

TEST(ViewScore, ComesBackFromJsonWithWhatIsAbsent) {
  SmallView made = small_view(true);
  ViewScore score = score_view(made.said, made.truth)[0];
  score.method = "shape";
  score.phase = "es";
  score.correlation = kNoScore;
  const auto back = nlohmann::json(score).get<ViewScore>();
  EXPECT_EQ(back.method, "shape");
  EXPECT_EQ(back.view, "2ch");
  EXPECT_EQ(back.phase, "es");
  for (const ViewMeasure& measure : view_measures()) {
    const double a = measure.value(score), b = measure.value(back);
    EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << measure.name;
  }
}

TEST(LongAxisOptions, ReachIsBounded) {
  LongAxisOptions options;
  EXPECT_NO_THROW(options.check());
  for (const double reach : {-1.0, 51.0, std::nan("")}) {
    options.reach_mm = reach;
    EXPECT_THROW(options.check(), Error);
  }
}

}  // namespace dmcvr
