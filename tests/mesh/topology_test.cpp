// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/topology.h"

#include "dmcvr/core/random.h"
#include "dmcvr/geometry/mesh.h"
#include "dmcvr/mesh/surfaces.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Surface plain_surface(const torch::Tensor& mask) {
  Grid grid;
  grid.size = {mask.size(2), mask.size(1), mask.size(0)};
  return surface_around(mask, grid, {0.5, 0.5}, {0, 0.1});
}

torch::Tensor ball(int64_t side, double radius) {
  const auto x = at::arange(side, torch::kFloat64) - static_cast<double>(side - 1) / 2;
  const auto r = x.square().view({-1, 1, 1}) + x.square().view({1, -1, 1}) + x.square();
  return r < radius * radius;
}

}  // namespace

TEST(SphereIn, LeavesABallAsItIs) {
  for (const double radius : {0.9, 2.0, 7.3}) {
    const auto mask = ball(19, radius);
    EXPECT_TRUE(sphere_in(mask).equal(mask)) << radius;
  }
}

TEST(SphereIn, CutsAHandleAtItsThinnestPlace) {
  // A ring, thick on one side and one voxel thin on the other.
  auto mask = at::zeros({5, 15, 15}, torch::kBool);
  mask.slice(0, 1, 4).slice(1, 1, 14).slice(2, 1, 5).fill_(true);
  mask.slice(0, 1, 4).slice(1, 1, 4).slice(2, 1, 14).fill_(true);
  mask.slice(0, 1, 4).slice(1, 11, 14).slice(2, 1, 14).fill_(true);
  mask.slice(0, 2, 3).slice(1, 1, 14).slice(2, 13, 14).fill_(true);
  const auto cut = sphere_in(mask);
  const auto lost = mask.logical_and(cut.logical_not());
  EXPECT_EQ(lost.sum().item<int64_t>(), 1);
  EXPECT_EQ(lost.slice(2, 13, 14).sum().item<int64_t>(), 1) << lost.nonzero();
  EXPECT_EQ(plain_surface(cut).euler, 2);
}

TEST(SphereIn, CutsAThinSheetFromItsHoleToTheNearestEdge) {
  // A sheet of a voxel is as deep at its edge as in its middle.
  for (const auto& [row, column] : {std::pair{3, 15}, {26, 15}, {15, 3}, {15, 26}}) {
    auto mask = at::ones({1, 30, 30}, torch::kBool);
    mask[0][row][column] = false;
    const auto lost = mask.logical_and(sphere_in(mask).logical_not());
    EXPECT_EQ(lost.sum().item<int64_t>(), 3) << row << ' ' << column;
  }
}

TEST(SphereInProperty, OfRandomBodiesIsASphereInside) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    auto random = make_generator(seed, "bodies");
    // A ball with holes and handles of every kind.
    const auto mask = ball(15, 6).logical_and(at::rand({15, 15, 15}, random, torch::kFloat32) >
                                              0.05 * static_cast<double>(1 + seed % 8));
    const auto body = sphere_in(mask);
    EXPECT_FALSE(body.logical_and(mask.logical_not()).any().item<bool>());
    const Surface surface = plain_surface(body);
    EXPECT_EQ(surface.euler, 2) << seed;
    EXPECT_TRUE(is_closed(surface.mesh));
    EXPECT_EQ(surface.voxels_left_out + surface.voxels_filled, 0) << seed;
    // Nothing more can join: it is as large as it can be by single voxels.
    EXPECT_GT(body.sum().item<int64_t>(), 100) << seed;
  }
}

}  // namespace dmcvr
