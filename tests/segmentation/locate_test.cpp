// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/locate.h"

#include "support_models.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

Grid oblique_field(std::array<int64_t, 3> size) {
  Grid grid;
  grid.size = size;
  // 1.5 mm pixels, slices 10 mm apart.
  grid.world_from_voxel.matrix = {{{1.2, 0, 6}, {0, -1.5, 0}, {-0.9, 0, 8}}};
  grid.world_from_voxel.offset = {5, 80, -20};
  return grid;
}

// Probability `value` inside an ellipsoid around (column, row, slice).
void add_blob(torch::Tensor& foreground, const Point& center, const Point& radius, double value) {
  const auto axis = [&](int64_t dimension, size_t index) {
    auto shape = std::vector<int64_t>{1, 1, 1};
    shape[dimension] = foreground.size(dimension);
    return ((torch::arange(foreground.size(dimension), torch::kFloat32) - center[index]) /
            radius[index])
        .square()
        .view(shape);
  };
  const auto inside = axis(0, 2) + axis(1, 1) + axis(2, 0) <= 1;
  foreground.masked_fill_(inside, value);
}

double distance(const Point& a, const Point& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

}  // namespace

TEST(Locate, FindsTheCenterAndTheBoxInTheWorld) {
  const Grid grid = oblique_field({120, 100, 9});
  auto foreground = torch::zeros({9, 100, 120});
  add_blob(foreground, {70, 40, 4}, {25, 20, 3}, 0.9);
  const Heart heart = heart_from_probabilities(foreground, grid, {});
  EXPECT_LT(distance(heart.center_mm, grid.world_from_voxel({70, 40, 4})), 1e-3);
  EXPECT_EQ(heart.first_voxel, (std::array<int64_t, 3>{45, 20, 1}));
  EXPECT_EQ(heart.last_voxel, (std::array<int64_t, 3>{95, 60, 7}));
  EXPECT_NEAR(heart.confidence, 0.9, 1e-5);
}

TEST(LocateProperty, SpecksAndASmallerOrganDoNotMoveTheCenter) {
  const Grid grid = oblique_field({120, 100, 9});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto random = make_generator(seed, "heart");
    const Point center = {uniform(random, 30, 60), uniform(random, 30, 70), uniform(random, 3, 5)};
    auto foreground = torch::zeros({9, 100, 120});
    add_blob(foreground, center, {20, 18, 3.5}, 0.8);
    const Point alone = heart_from_probabilities(foreground, grid, {}).center_mm;

    add_blob(foreground, {105, 50, 4}, {10, 15, 3}, 0.95);  // stomach
    foreground = foreground.masked_fill(
        (at::rand(foreground.sizes(), random) < 0.01) & (foreground == 0), 0.7);
    EXPECT_LT(distance(heart_from_probabilities(foreground, grid, {}).center_mm, alone), 1.0)
        << seed;
  }
}

TEST(Locate, NothingOrTooLittleIsAnErrorWithAWayOut) {
  const Grid grid = oblique_field({60, 60, 5});
  auto foreground = torch::full({5, 60, 60}, 0.1);
  for (const bool with_speck : {false, true}) {
    if (with_speck) add_blob(foreground, {30, 30, 2}, {6, 6, 0.5}, 1);
    try {
      heart_from_probabilities(foreground, grid, {});
      FAIL() << "a heart was found";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("no heart found"), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("--center"), std::string::npos);
    }
  }
}

TEST(Locate, ANetworkThatSeesHeartEverywhereFindsNone) {
  EXPECT_THROW(
      heart_from_probabilities(torch::full({10, 100, 160}, 0.9), oblique_field({160, 100, 10}), {}),
      Error);
}

TEST(LocateProperty, ThePatchCoversTheBoxAndMovesNoMoreThanNeeded) {
  const Grid grid = oblique_field({160, 160, 5});
  for (uint64_t seed = 0; seed < 50; ++seed) {
    auto random = make_generator(seed, "box");
    Heart heart;
    heart.first_voxel = {uniform_index(random, 60), uniform_index(random, 60), 0};
    heart.last_voxel = {heart.first_voxel[0] + 50 + uniform_index(random, 30),
                        heart.first_voxel[1] + 50 + uniform_index(random, 30), 4};
    Point center;
    for (size_t axis = 0; axis < 3; ++axis) {
      center[axis] = uniform(random, static_cast<double>(heart.first_voxel[axis]),
                             static_cast<double>(heart.last_voxel[axis]) + 1e-9);
    }
    heart.center_mm = grid.world_from_voxel(center);

    const double half = 128 / 2 / 1.5;  // voxels; the widest box has 80
    const Point moved = grid.voxel_from_world()(center_for_patch(heart, grid, 128));
    for (size_t axis = 0; axis < 2; ++axis) {
      const double low = static_cast<double>(heart.first_voxel[axis]) - 0.5;
      const double high = static_cast<double>(heart.last_voxel[axis]) + 0.5;
      EXPECT_GE(low, moved[axis] - half - 1e-6);
      EXPECT_LE(high, moved[axis] + half + 1e-6);
      const bool fitted = low >= center[axis] - half && high <= center[axis] + half;
      if (fitted) {
        EXPECT_NEAR(moved[axis], center[axis], 1e-9);
      }
    }
  }
}

TEST(Locate, ABoxThatDoesNotFitIsCenteredAndAGivenCenterStays) {
  const Grid grid = oblique_field({160, 160, 5});
  Heart heart;
  heart.first_voxel = {10, 40, 0};
  heart.last_voxel = {140, 60, 4};
  heart.center_mm = grid.world_from_voxel({90, 50, 2});
  EXPECT_NEAR(grid.voxel_from_world()(center_for_patch(heart, grid, 96))[0], 75, 1e-9);
  heart.is_given = true;
  EXPECT_EQ(center_for_patch(heart, grid, 96), heart.center_mm);
}

TEST(Locate, WholeSlicesAreMultiplesOf32) {
  InputRule rule = small_segmenter_rule();
  EXPECT_EQ(whole_slice_pixels(oblique_field({216, 256, 10}), rule),
            320);  // 384 mm are 307.2 pixels
  rule.spacing_mm = 0;
  EXPECT_EQ(whole_slice_pixels(oblique_field({216, 256, 10}), rule), 256);
}

TEST(Locate, TakesTheUsersWordWithoutASegmenter) {
  Study study;
  study.sax.grid = oblique_field({60, 60, 5});
  Segmenter none;
  LocateOptions options;
  const Point inside = study.sax.grid.world_from_voxel({20, 30, 2});
  options.center_mm = {inside[0], inside[1], inside[2]};
  const Heart heart = locate_heart(study, none, options);
  EXPECT_TRUE(heart.is_given);
  EXPECT_EQ(heart.center_mm, inside);
  options.center_mm = {500, 0, 0};
  EXPECT_THROW(locate_heart(study, none, options), Error);
}

TEST(LocateOptions, RefuseWhatMakesNoSense) {
  for (const char* change : {"{\"center_mm\": [1, 2]}", "{\"min_heart_ml\": 0}",
                             "{\"max_heart_ml\": 5}", "{\"threshold\": 1}"}) {
    nlohmann::json json = LocateOptions();
    json.merge_patch(nlohmann::json::parse(change));
    EXPECT_THROW(json.get<LocateOptions>().check(), Error) << change;
  }
}

}  // namespace dmcvr
