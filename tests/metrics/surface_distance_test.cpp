// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/surface_distance.h"

#include "support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dmcvr {
namespace {

// In-plane spacings of the golden file, as its 32-bit headers hold them.
constexpr double kTableSpacing = 1.8269230127334595;
constexpr double kValidationSpacing = 1.826923131942749;

TEST(SurfaceDistanceGolden, EveryRowOfTheTable) {
  const auto golden = test::golden("metrics_latents");
  const auto truth = golden.at("gt"), prediction = golden.at("pred");
  std::vector<torch::Tensor> table;
  for (const Spacing& spacing : {Spacing{1, 1, 1}, Spacing{10, kTableSpacing, kTableSpacing}}) {
    for (int64_t label = 0; label < 4; ++label) {
      const auto found = label == 0
                             ? surface_distances(prediction > 0, truth > 0, spacing)
                             : surface_distances(prediction == label, truth == label, spacing);
      table.push_back(torch::tensor({found.asd, found.hd, found.assd}, torch::kFloat64));
    }
  }
  test::expect_close(torch::stack(table), golden.at("metrics").narrow(1, 3, 3), 1e-6,
                     "ASD, HD, ASSD");
}

TEST(SurfaceDistanceGolden, AreaWeighted) {
  const auto golden = test::golden("metrics_latents");
  const auto truth = golden.at("gt"), prediction = golden.at("pred");
  std::vector<double> asd, hd95;
  for (int64_t label = 1; label < 4; ++label) {
    const auto found = area_weighted_distances(prediction == label, truth == label,
                                               {10, kValidationSpacing, kValidationSpacing});
    asd.push_back(found.asd_mm);
    hd95.push_back(found.hd95_mm);
  }
  test::expect_close(torch::tensor(asd, torch::kFloat64), golden.at("val.asd_mm"), 1e-6,
                     "area-weighted ASD");
  test::expect_close(torch::tensor(hd95, torch::kFloat64), golden.at("val.hd95_mm"), 1e-6, "HD95");
}

// A box of true voxels [z0, z1) × [y0, y1) × [x0, x1) in an array of 12×16×16.
torch::Tensor box(std::array<int64_t, 6> b) {
  auto mask = torch::zeros({12, 16, 16}, torch::kBool);
  mask.narrow(0, b[0], b[1] - b[0])
      .narrow(1, b[2], b[3] - b[2])
      .narrow(2, b[4], b[5] - b[4])
      .fill_(true);
  return mask;
}

TEST(SurfaceDistance, AShiftedPlateIsAsFarAsItWasShifted) {
  // One voxel thick and far wider than the shift: all distances but those at the rim are the shift.
  const auto a = box({3, 4, 0, 16, 0, 16}), b = box({5, 6, 0, 16, 0, 16});
  const auto found = surface_distances(a, b, {10, 1.5, 1.5});
  EXPECT_NEAR(found.asd, 20, 1e-12);
  EXPECT_NEAR(found.hd, 20, 1e-12);
  EXPECT_NEAR(found.assd, 20, 1e-12);
}

TEST(SurfaceDistance, AsdRunsFromThePredictionToTheTruth) {
  // The prediction lies within the surface of the truth, not the other way around.
  const auto small = box({3, 4, 4, 5, 4, 5}), large = box({3, 4, 4, 5, 4, 8});
  EXPECT_EQ(surface_distances(small, large, {1, 1, 1}).asd, 0);
  EXPECT_EQ(surface_distances(large, small, {1, 1, 1}).asd, 1.5);
  EXPECT_EQ(surface_distances(small, large, {1, 1, 1}).hd, 3);
  EXPECT_EQ(surface_distances(small, large, {1, 1, 1}).assd, 0.75);
}

TEST(SurfaceDistance, ARegionAsksOnlyTheSurfacesInsideIt) {
  // Two plates: the second pair of surfaces is far apart, and not asked.
  const auto a = box({3, 4, 0, 16, 0, 16}) | box({8, 9, 0, 16, 0, 16});
  const auto b = box({4, 5, 0, 16, 0, 16}) | box({11, 12, 0, 16, 0, 16});
  const auto near = box({2, 6, 0, 16, 0, 16});
  const auto found = surface_distances(a, b, {10, 1, 1}, near);
  EXPECT_NEAR(found.asd, 10, 1e-12);
  EXPECT_NEAR(found.hd, 10, 1e-12);
  EXPECT_GT(surface_distances(a, b, {10, 1, 1}).hd, 10);
  const auto all = torch::ones_like(a);
  EXPECT_EQ(surface_distances(a, b, {10, 1, 1}, all).assd,
            surface_distances(a, b, {10, 1, 1}).assd);
  EXPECT_TRUE(std::isnan(surface_distances(a, b, {10, 1, 1}, torch::zeros_like(a)).assd));
}

// A line against its first voxel: the distances are 0, 1, …, 10 steps, whose 95th percentile lies
// half way between the last two.
TEST(SurfaceDistance, Hd95IsThePercentileOfTheLargerDirection) {
  const auto line = box({1, 12, 7, 8, 7, 8}), voxel = box({1, 2, 7, 8, 7, 8});
  for (const auto& [a, b] : {std::pair(line, voxel), std::pair(voxel, line)}) {
    EXPECT_NEAR(surface_distances(a, b, {10, 1.5, 1.5}).hd95, 95, 1e-12);
    EXPECT_NEAR(surface_distances(a, b, {10, 1.5, 1.5}).hd, 100, 1e-12);
    EXPECT_NEAR(surface_distances(a, b, {1, 1, 1}).hd95, 9.5, 1e-12);
    // Of 0 … 5 steps.
    EXPECT_NEAR(surface_distances(a, b, {10, 1, 1}, box({0, 7, 0, 16, 0, 16})).hd95, 47.5, 1e-12);
  }
}

// Every distance by itself, with numpy's percentile written out.
double hd95_by_hand(const torch::Tensor& prediction, const torch::Tensor& truth,
                    const Spacing& spacing, const torch::Tensor& where) {
  using Voxel = std::array<int64_t, 3>;
  const auto surface = [](const torch::Tensor& mask) {
    std::vector<Voxel> voxels;
    const auto inside = mask.contiguous();
    const auto at = inside.accessor<bool, 3>();
    const auto is_set = [&](int64_t k, int64_t j, int64_t i) {
      return k >= 0 && j >= 0 && i >= 0 && k < at.size(0) && j < at.size(1) && i < at.size(2) &&
             at[k][j][i];
    };
    for (int64_t k = 0; k < at.size(0); ++k) {
      for (int64_t j = 0; j < at.size(1); ++j) {
        for (int64_t i = 0; i < at.size(2); ++i) {
          if (at[k][j][i] && !(is_set(k - 1, j, i) && is_set(k + 1, j, i) && is_set(k, j - 1, i) &&
                               is_set(k, j + 1, i) && is_set(k, j, i - 1) && is_set(k, j, i + 1)))
            voxels.push_back({k, j, i});
        }
      }
    }
    return voxels;
  };
  const auto directed = [&](const std::vector<Voxel>& from, const std::vector<Voxel>& to) {
    std::vector<double> distances;
    for (const Voxel& a : from) {
      if (!where[a[0]][a[1]][a[2]].item<bool>()) continue;
      double nearest = 1e9;
      for (const Voxel& b : to) {
        double squares = 0;
        for (size_t axis = 0; axis < 3; ++axis)
          squares += std::pow(static_cast<double>(a[axis] - b[axis]) * spacing[axis], 2);
        nearest = std::min(nearest, std::sqrt(squares));
      }
      distances.push_back(nearest);
    }
    std::sort(distances.begin(), distances.end());
    const double rank = 0.95 * static_cast<double>(distances.size() - 1);
    const auto below = static_cast<size_t>(rank);
    const double above = distances[std::min(below + 1, distances.size() - 1)];
    return distances[below] + (rank - static_cast<double>(below)) * (above - distances[below]);
  };
  const auto a = surface(prediction), b = surface(truth);
  return std::max(directed(a, b), directed(b, a));
}

TEST(SurfaceDistanceGolden, Hd95OfItsLabelsInMillimetersAndInEverySecondSlice) {
  const auto golden = test::golden("metrics_latents");
  const auto truth = golden.at("gt"), prediction = golden.at("pred");
  auto hidden = torch::zeros(truth.sizes(), torch::kBool);
  for (int64_t k = 1; k < hidden.size(0); k += 2) hidden[k].fill_(true);
  for (const Spacing& spacing : {Spacing{1, 1, 1}, Spacing{10, kTableSpacing, kTableSpacing}}) {
    for (const auto& where : {torch::ones_like(hidden), hidden}) {
      for (int64_t label = 1; label < 4; ++label) {
        const double expected = hd95_by_hand(prediction == label, truth == label, spacing, where);
        EXPECT_NEAR(surface_distances(prediction == label, truth == label, spacing, where).hd95,
                    expected, 1e-9)
            << label;
        EXPECT_GT(expected, 0);
      }
    }
  }
}

TEST(SurfaceDistance, TheEdgeOfTheArrayIsSurface) {
  // A full array against its shell: every voxel of the shell is surface of both.
  const auto full = torch::ones({3, 3, 3}, torch::kBool);
  auto shell = full.clone();
  shell[1][1][1] = false;
  EXPECT_EQ(surface_distances(full, shell, {1, 1, 1}).hd, 0);
}

TEST(SurfaceDistanceProperty, SymmetryBoundsAndUnits) {
  for (int seed = 0; seed < 20; ++seed) {
    const auto a = test::golden_input("a" + std::to_string(seed), {6, 9, 8}) > 0.5;
    const auto b = test::golden_input("b" + std::to_string(seed), {6, 9, 8}) > 0.6;
    const Spacing spacing = {3, 1.2, 0.7}, doubled = {6, 2.4, 1.4};
    const auto ab = surface_distances(a, b, spacing), ba = surface_distances(b, a, spacing);
    EXPECT_NEAR(ab.assd, ba.assd, 1e-12);
    EXPECT_EQ(ab.hd, ba.hd);
    EXPECT_GE(ab.hd, ab.assd);
    EXPECT_NEAR((ab.asd + ba.asd) / 2, ab.assd, 1e-12);
    EXPECT_NEAR(surface_distances(a, b, doubled).assd, 2 * ab.assd, 1e-12);
    const auto mm = area_weighted_distances(a, b, spacing),
               swapped = area_weighted_distances(b, a, spacing);
    EXPECT_NEAR(mm.asd_mm, swapped.asd_mm, 1e-12);
    EXPECT_EQ(mm.hd95_mm, swapped.hd95_mm);
    EXPECT_GE(mm.hd95_mm, mm.asd_mm / 20);
    EXPECT_NEAR(area_weighted_distances(a, b, doubled).asd_mm, 2 * mm.asd_mm, 1e-9);
    // Nothing lies between a mask and itself.
    EXPECT_EQ(surface_distances(a, a, spacing).hd, 0);
    EXPECT_EQ(area_weighted_distances(a, a, spacing).asd_mm, 0);
    // Turning the array with its spacing changes nothing.
    const auto turned =
        area_weighted_distances(a.permute({2, 0, 1}), b.permute({2, 0, 1}), {0.7, 3, 1.2});
    EXPECT_NEAR(turned.asd_mm, mm.asd_mm, 1e-9);
    EXPECT_NEAR(turned.hd95_mm, mm.hd95_mm, 1e-9);
    const auto flipped = area_weighted_distances(a.flip({0, 2}), b.flip({0, 2}), spacing);
    EXPECT_NEAR(flipped.asd_mm, mm.asd_mm, 1e-9);
    // Nor does looking at the same arrays within larger ones.
    const auto padded = [](const torch::Tensor& mask) {
      return torch::constant_pad_nd(mask, {2, 3, 4, 0, 1, 1});
    };
    EXPECT_NEAR(area_weighted_distances(padded(a), padded(b), spacing).asd_mm, mm.asd_mm, 1e-12);
    EXPECT_NEAR(surface_distances(padded(a), padded(b), spacing).asd, ab.asd, 1e-12);
  }
}

TEST(SurfaceDistance, BothSidesOfAPlateAreSurface) {
  // One slice of 5 mm each, 4 slices apart: the near sides are 15 mm from the other plate, the far
  // sides 20.
  const auto a = box({2, 3, 0, 16, 0, 16}), b = box({6, 7, 0, 16, 0, 16});
  const auto found = area_weighted_distances(a, b, {5, 2, 1});
  EXPECT_NEAR(found.asd_mm, 17.5, 1e-9);
  EXPECT_NEAR(found.hd95_mm, 20, 1e-9);
}

TEST(SurfaceDistance, AnEmptyMaskHasNoDistance) {
  const auto empty = torch::zeros({3, 4, 4}, torch::kBool),
             full = torch::ones({3, 4, 4}, torch::kBool);
  for (const auto& [a, b] :
       {std::pair(empty, full), std::pair(full, empty), std::pair(empty, empty)}) {
    const auto voxels = surface_distances(a, b, {1, 1, 1});
    EXPECT_TRUE(std::isnan(voxels.asd) && std::isnan(voxels.hd) && std::isnan(voxels.assd));
    const auto mm = area_weighted_distances(a, b, {1, 1, 1});
    EXPECT_TRUE(std::isnan(mm.asd_mm) && std::isnan(mm.hd95_mm));
  }
}

TEST(SurfaceDistance, WrongInputIsRefused) {
  const auto mask = torch::ones({3, 4, 4}, torch::kBool);
  EXPECT_THROW(surface_distances(mask, torch::ones({3, 4, 5}, torch::kBool), {1, 1, 1}),
               c10::Error);
  EXPECT_THROW(area_weighted_distances(mask[0], mask[0], {1, 1, 1}), c10::Error);
}

}  // namespace
}  // namespace dmcvr
