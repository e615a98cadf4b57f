// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/resample.h"

#include "geometry/oblique.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/dense_grid.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

Volume random_volume(uint64_t seed, bool left_handed) {
  auto generator = make_generator(seed, "volume");
  return {test::oblique_grid(seed, left_handed), torch::randn({5, 6, 7}, generator) * 300};
}

// A value that is linear in world coordinates, at the centers of the grid.
Volume ramp(const Grid& grid) {
  Volume volume = {grid, torch::empty({grid.size[2], grid.size[1], grid.size[0]})};
  auto values = volume.voxels.accessor<float, 3>();
  for (int64_t k = 0; k < grid.size[2]; ++k) {
    for (int64_t j = 0; j < grid.size[1]; ++j) {
      for (int64_t i = 0; i < grid.size[0]; ++i) {
        const Point p = grid.world_from_voxel(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        values[k][j][i] = static_cast<float>(3 * p[0] - 2 * p[1] + 0.5 * p[2]);
      }
    }
  }
  return volume;
}

// Inside `grid`: its first voxel moved in by `inset`, half the steps.
Grid inner_grid(const Grid& grid, const Point& inset) {
  Grid inner = grid;
  inner.world_from_voxel.offset = grid.world_from_voxel(inset);
  for (auto& row : inner.world_from_voxel.matrix) {
    for (double& part : row) part /= 2;
  }
  return inner;
}

PlaneAffine scaled(double factor, double shift) {
  return {{{{factor, 0}, {0, factor}}}, {shift, shift}};
}

}  // namespace

TEST(ResampleProperty, ToTheSameGridIsTheIdentity) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Volume volume = random_volume(seed, seed % 2 == 1);
    for (const auto interpolation : {Interpolation::nearest, Interpolation::linear}) {
      EXPECT_TRUE(resample(volume, volume.grid, interpolation).voxels.equal(volume.voxels));
    }
  }
}

TEST(ResampleProperty, AcquiredPlanesOfTheDenseGridHoldTheAcquiredVoxels) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Volume volume = random_volume(seed, seed % 2 == 1);
    const DenseGrid dense = dense_grid(volume.grid);
    const auto planes = torch::tensor(dense.acquired_planes);
    EXPECT_TRUE(resample(volume, dense.grid).voxels.index_select(0, planes).equal(volume.voxels));
  }
}

TEST(ResampleProperty, LinearIsExactOnRamps) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Volume volume = ramp(test::oblique_grid(seed, seed % 2 == 1));
    const Grid inner = inner_grid(volume.grid, {0.3, 0.6, 0.1});
    EXPECT_TRUE(resample(volume, inner).voxels.allclose(ramp(inner).voxels, 1e-6, 1e-3));
  }
}

TEST(ResampleProperty, FollowsVoxelsThroughAReorderedGrid) {
  // The same voxels told in another order of axes and directions lie at the same places.
  const Volume volume = random_volume(4, false);
  Volume other = {volume.grid, volume.voxels.permute({2, 0, 1}).flip(1).contiguous()};
  // Index (i', j', k') of `other` = (row, 4 - slice, column).
  const Affine voxel_from_other = {{{{0, 0, 1}, {1, 0, 0}, {0, -1, 0}}}, {0, 0, 4}};
  other.grid.size = {6, 5, 7};
  other.grid.world_from_voxel = volume.grid.world_from_voxel * voxel_from_other;
  EXPECT_TRUE(resample(other, volume.grid).voxels.equal(volume.voxels));
  EXPECT_TRUE(resample(volume, other.grid).voxels.equal(other.voxels));
}

TEST(Resample, HoldsTheEdgeForHalfAVoxelAndNoFarther) {
  Grid line;
  line.size = {2, 1, 1};
  const Volume volume = {line, torch::tensor({10.f, 20.f}).reshape({1, 1, 2})};
  Grid fine = line;
  fine.size = {9, 1, 1};
  fine.world_from_voxel.matrix[0][0] = 0.25;
  fine.world_from_voxel.offset[0] = -0.75;
  const auto linear = resample(volume, fine, Interpolation::linear, -1).voxels.flatten();
  EXPECT_TRUE(linear.equal(torch::tensor({-1.f, 10.f, 10.f, 10.f, 12.5f, 15.f, 17.5f, 20.f, 20.f})))
      << linear;
  const auto nearest = resample(volume, fine, Interpolation::nearest, -1).voxels.flatten();
  EXPECT_TRUE(nearest.equal(torch::tensor({-1.f, 10.f, 10.f, 10.f, 10.f, 20.f, 20.f, 20.f, 20.f})))
      << nearest;
}

TEST(Resample, TreatsEveryPhaseAlike) {
  const Grid grid = test::oblique_grid(8, true);
  auto generator = make_generator(8, "cine");
  const Cine cine = {grid, torch::randn({3, 5, 6, 7}, generator), {0, 40, 80}};
  const Grid inner = inner_grid(grid, {0.2, 0.4, 0.7});
  const Cine result = resample(cine, inner);
  EXPECT_EQ(result.times_ms, cine.times_ms);
  for (int64_t t = 0; t < 3; ++t) {
    EXPECT_TRUE(result.voxels[t].equal(resample(cine.phase(t), inner).voxels));
  }
}

TEST(Resample, GivesLabelsThatExistAndBackgroundOutside) {
  const Grid grid = test::oblique_grid(9, false);
  const Labels labels = {grid, torch::full({1, 5, 6, 7}, 3, torch::kUInt8), acdc_label_table()};
  Grid shifted = grid;
  shifted.world_from_voxel.offset = grid.world_from_voxel({0, 0, 4.6});
  const Labels result = resample(labels, shifted);
  EXPECT_EQ(result.voxels.max().item<int>(), 0);
  EXPECT_EQ(result.table, acdc_label_table());
  EXPECT_TRUE(resample(labels, grid).voxels.equal(labels.voxels));
}

TEST(Resample, DoesNotDependOnTheThreadCount) {
  const Volume volume = random_volume(1, false);
  const Grid inner = inner_grid(volume.grid, {0.3, 0.6, 0.1});
  const int threads = at::get_num_threads();
  const auto two = resample(volume, inner).voxels;
  at::set_num_threads(1);
  const auto one = resample(volume, inner).voxels;
  at::set_num_threads(threads);
  EXPECT_TRUE(one.equal(two));
}

TEST(ResampleInPlaneProperty, WithTheIdentityReturnsTheSlices) {
  auto generator = make_generator(1, "slices");
  const auto slices = torch::randn({3, 11, 8}, generator);
  EXPECT_TRUE(resample_in_plane(slices, {}, {8, 11}).equal(slices));
  const auto labels = torch::randint(0, 4, {3, 11, 8}, generator, torch::kUInt8);
  EXPECT_TRUE(resample_in_plane(labels, {}, {8, 11}, {Interpolation::nearest}).equal(labels));
}

TEST(ResampleInPlaneProperty, IsExactOnRampsWithAndWithoutAntialiasing) {
  const auto x = torch::arange(40, torch::kFloat32).expand({40, 40});
  const auto slices = (2 * x - 3 * x.t()).unsqueeze(0);
  for (const double factor : {0.4, 1.0, 1.7, 2.0, 3.3}) {
    const auto px = torch::arange(8, torch::kFloat32).expand({8, 8}) * factor + 5;
    const auto expected = (2 * px - 3 * px.t()).unsqueeze(0);
    for (const bool antialias : {false, true}) {
      const auto result = resample_in_plane(slices, scaled(factor, 5), {8, 8},
                                            {Interpolation::linear, 0, antialias});
      EXPECT_TRUE(result.allclose(expected, 0, 1e-4)) << factor;
    }
  }
}

TEST(ResampleInPlaneProperty, CubicMeetsPixelsAndStaysBetweenThem) {
  const auto slices = test::golden_input("noise", {2, 40, 30});
  EXPECT_TRUE(resample_in_plane(slices, {}, {30, 40}, {Interpolation::cubic}).equal(slices));
  const auto between =
      resample_in_plane(slices, scaled(0.37, 0.2), {80, 106}, {Interpolation::cubic, 0});
  for (int64_t n = 0; n < 2; ++n) {
    EXPECT_LE(between[n].max().item<float>(), slices[n].max().item<float>());
    EXPECT_GE(between[n].min().item<float>(), slices[n].min().item<float>());
  }
  const auto flat = torch::full({1, 40, 30}, 7.25);
  EXPECT_TRUE(resample_in_plane(flat, scaled(0.37, 0.2), {70, 70}, {Interpolation::cubic})
                  .equal(torch::full({1, 70, 70}, 7.25)));
}

// A wave of eight pixels, between pixels and far from the border.
TEST(ResampleInPlane, CubicIsNearerThanLinear) {
  const auto wave = [](const torch::Tensor& x) { return (x * (M_PI / 4)).sin(); };
  const auto x = torch::arange(60, torch::kFloat32).expand({1, 60, 60});
  const auto places = torch::arange(60, torch::kFloat32).expand({1, 60, 60}) * 0.5 + 15.25;
  const auto error = [&](Interpolation way) {
    return (resample_in_plane(wave(x), scaled(0.5, 15.25), {60, 60}, {way}) - wave(places))
        .abs()
        .max()
        .item<double>();
  };
  EXPECT_LT(error(Interpolation::cubic), 0.1 * error(Interpolation::linear));
}

TEST(ResampleInPlane, AveragesWhatAPixelCovers) {
  // Alternating columns: a grid at half the resolution sees their mean, not one of them.
  const auto slices = (torch::arange(16, torch::kFloat32) % 2).expand({1, 16, 16}).contiguous();
  const auto means = resample_in_plane(slices, scaled(2, 0.5), {8, 8});
  EXPECT_TRUE(means.allclose(torch::full({1, 8, 8}, 0.5)));
  const auto points =
      resample_in_plane(slices, scaled(2, 1), {7, 7}, {Interpolation::linear, 0, false});
  EXPECT_TRUE(points.equal(torch::ones({1, 7, 7})));
}

TEST(ResampleInPlane, FillsOutsideTheSlice) {
  const auto slices = torch::ones({1, 4, 4});
  const auto result = resample_in_plane(slices, scaled(1, -2), {8, 8}, {Interpolation::linear, -5});
  EXPECT_TRUE(result.slice(1, 2, 6).slice(2, 2, 6).equal(slices));
  EXPECT_FLOAT_EQ(result.sum().item<float>(), 16 - 5 * 48);
}

TEST(ResampleInPlane, ReadsColumnsAsX) {
  auto slices = torch::zeros({1, 3, 5});
  slices[0][1][4] = 1;  // row 1, column 4
  const auto result = resample_in_plane(slices, {{{{1, 0}, {0, 1}}}, {4, 1}}, {1, 1});
  EXPECT_EQ(result.item<float>(), 1);
}

TEST(PlaneAffineProperty, InverseAndProductAgree) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    auto generator = make_generator(seed, "plane");
    PlaneAffine a;
    for (auto& row : a.matrix) row = {normal(generator), normal(generator)};
    a.offset = {uniform(generator, -50, 50), uniform(generator, -50, 50)};
    const auto p = (inverse(a) * a)({12, -7});
    EXPECT_NEAR(p[0], 12, 1e-8);
    EXPECT_NEAR(p[1], -7, 1e-8);
  }
  EXPECT_THROW(inverse(scaled(0, 0)), Error);
}

}  // namespace dmcvr
