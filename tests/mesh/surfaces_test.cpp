// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/surfaces.h"

#include "geometry/oblique.h"

#include "dmcvr/core/error.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

struct Solid {
  Grid grid;
  torch::Tensor mask;  // [D, H, W] bool
};

// True where inside(x, y, z), mm from the middle of a turned grid of 1.5 x 1.5 x 2 mm.
template <typename Inside>
Solid solid_of(uint64_t seed, bool left_handed, const Inside& inside) {
  Solid solid;
  solid.grid = test::oblique_grid(seed, left_handed, {1.5, 1.5, 2});
  solid.grid.size = {48, 44, 36};
  solid.mask = torch::zeros({36, 44, 48}, torch::kBool);
  auto voxels = solid.mask.accessor<bool, 3>();
  for (int64_t k = 0; k < 36; ++k) {
    for (int64_t j = 0; j < 44; ++j) {
      for (int64_t i = 0; i < 48; ++i) {
        voxels[k][j][i] =
            inside(1.5 * (static_cast<double>(i) - 23.5), 1.5 * (static_cast<double>(j) - 21.5),
                   2.0 * (static_cast<double>(k) - 17.5));
      }
    }
  }
  return solid;
}

const Caps kOwnHalves{1, 1};  // of planes 2 mm apart

bool in_ellipsoid(double x, double y, double z) {
  return x * x / 400 + y * y / 625 + z * z / 784 < 1;  // 20, 25, 28 mm
}

void expect_sound(const Surface& surface) {
  EXPECT_TRUE(is_closed(surface.mesh));
  EXPECT_EQ(surface.euler, 2);
  EXPECT_NEAR(volume_ml(surface.mesh), surface.voxel_ml, 1e-3 * surface.voxel_ml);
}

}  // namespace

// Pi / 6 of the product of the axes; voxels of a body this large are off by less than a part in a
// hundred.
TEST(SurfaceAroundProperty, AnEllipsoidKeepsVolumeAndShapeOnAnyGrid) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (const bool left_handed : {false, true}) {
      const Solid solid = solid_of(seed, left_handed, in_ellipsoid);
      const Surface surface = surface_around(solid.mask, solid.grid, kOwnHalves);
      expect_sound(surface);
      const double volume = 4.0 / 3 * M_PI * 20 * 25 * 28 / 1000;
      EXPECT_NEAR(volume_ml(surface.mesh), volume, 0.01 * volume);

      // Smooth: every vertex near the ellipsoid, far closer than a voxel.
      const Affine voxel = solid.grid.voxel_from_world();
      double sum = 0, largest = 0;
      for (const Point& p : surface.mesh.vertices) {
        const Point v = voxel(p);
        const double x = 1.5 * (v[0] - 23.5) / 20, y = 1.5 * (v[1] - 21.5) / 25,
                     z = 2 * (v[2] - 17.5) / 28;
        const double off = std::abs(std::sqrt(x * x + y * y + z * z) - 1) * 24;  // mm, nearly
        sum += off * off;
        largest = std::max(largest, off);
      }
      EXPECT_LT(std::sqrt(sum / static_cast<double>(surface.mesh.vertices.size())), 0.25);
      EXPECT_LT(largest, 1.2);
    }
  }
}

TEST(SurfaceAround, ReachesHalfAGapBeyondTheEndSlices) {
  const Solid solid =
      solid_of(1, false, [](double x, double y, double) { return x * x + y * y < 400; });
  const double circle = solid.mask[0].sum().item<double>() * 2.25;  // mm²
  for (const Caps caps : {Caps{1, 1}, Caps{5, 5}, Caps{5, 2.4}, Caps{0.4, 8}}) {
    const Surface surface = surface_around(solid.mask, solid.grid, caps, {0, 0.1});
    expect_sound(surface);
    EXPECT_NEAR(surface.voxel_ml, circle * (70 + caps.first_mm + caps.last_mm) / 1000, 1e-6);
    // Without smoothing the ends lie where the caps end, but for the common shift that keeps the
    // volume.
    double low = 1e9, high = -1e9;
    for (const Point& p : surface.mesh.vertices) {
      const double z = solid.grid.voxel_from_world()(p)[2] * 2;
      low = std::min(low, z);
      high = std::max(high, z);
    }
    EXPECT_NEAR(low, -caps.first_mm, 0.5);
    EXPECT_NEAR(high, 70 + caps.last_mm, 0.5);
  }
}

TEST(SurfaceAround, TakesTheLargestPartFillsHolesAndSaysSo) {
  Solid solid = solid_of(2, false, in_ellipsoid);
  const int64_t voxels = solid.mask.sum().item<int64_t>();
  solid.mask[17][21][23] = false;
  solid.mask[1][1].slice(0, 1, 4).fill_(true);
  const Surface surface = surface_around(solid.mask, solid.grid, kOwnHalves);
  expect_sound(surface);
  EXPECT_EQ(surface.voxels_filled, 1);
  EXPECT_EQ(surface.voxels_left_out, 3);
  EXPECT_NEAR(surface.voxel_ml, static_cast<double>(voxels) * 4.5 / 1000, 1e-9);
}

// What labels of real hearts hold near the apex: specks, and columns one pixel wide.
TEST(SurfaceAround, EvenTheSmallestStructuresKeepTheirVolume) {
  const Solid empty = solid_of(2, false, [](double, double, double) { return false; });
  const auto block = [&](int64_t slices, int64_t rows, int64_t columns) {
    auto mask = empty.mask.clone();
    mask.slice(0, 10, 10 + slices).slice(1, 20, 20 + rows).slice(2, 20, 20 + columns).fill_(true);
    return mask;
  };
  for (const auto& mask : {block(1, 1, 1), block(1, 2, 2), block(1, 1, 12), block(3, 3, 3),
                           block(25, 1, 1), block(3, 5, 2)}) {
    const Surface surface = surface_around(mask, empty.grid, kOwnHalves);
    expect_sound(surface);
    EXPECT_LT(surface.smoothing, SurfaceOptions().smoothing);
  }
  const Surface large = surface_around(block(10, 12, 12), empty.grid, kOwnHalves);
  EXPECT_EQ(large.smoothing, SurfaceOptions().smoothing);
}

// A cut across the ring takes a voxel of its length, more than the 1 % that a handle may cost.
TEST(SurfaceAround, KeepsAndCountsAHandleThatIsTheShape) {
  const Solid ring = solid_of(3, false, [](double x, double y, double z) {
    const double r = std::sqrt(x * x + y * y) - 12;
    return r * r + z * z < 49;
  });
  const Surface surface = surface_around(ring.mask, ring.grid, kOwnHalves);
  EXPECT_TRUE(is_closed(surface.mesh));
  EXPECT_EQ(surface.euler, 0);
}

TEST(HeartSurface, EpicardiumSurroundsCavityAndMyocardium) {
  const Solid outer = solid_of(4, false, in_ellipsoid);
  const Solid inner =
      solid_of(4, false, [](double x, double y, double z) { return x * x + y * y + z * z < 144; });
  auto labels = outer.mask.to(torch::kUInt8) * kLvm;
  labels.masked_fill_(inner.mask, kLvc);
  std::vector<Surface> surfaces;
  for (const auto& name : usual_surface_names()) {
    surfaces.push_back(heart_surface(labels, name, outer.grid, kOwnHalves));
    EXPECT_EQ(surfaces.back().name, name);
  }
  EXPECT_THROW(heart_surface(labels, "aorta", outer.grid, kOwnHalves), Error);
  EXPECT_NEAR(surfaces[0].voxel_ml, inner.mask.sum().item<double>() * 4.5 / 1000, 1e-9);
  EXPECT_NEAR(surfaces[1].voxel_ml, outer.mask.sum().item<double>() * 4.5 / 1000, 1e-9);
  expect_sound(surfaces[0]);
  expect_sound(surfaces[1]);
  EXPECT_TRUE(surfaces[2].mesh.triangles.empty());
  EXPECT_EQ(surfaces[2].voxel_ml, 0);
}

// A wall between two ellipsoids, cut by planes: z from low to high, mm.
torch::Tensor wall_labels(double low, double high) {
  const auto labels_of = [&](double scale) {
    return solid_of(4, false, [&](double x, double y, double z) {
      return in_ellipsoid(x / scale, y / scale, z / scale) && z > low && z < high;
    });
  };
  auto labels = labels_of(1).mask.to(torch::kUInt8) * kLvm;
  return labels.masked_fill_(labels_of(0.7).mask, kLvc);
}

struct WallCase {
  double low, high;
  int64_t euler;
};

// A cup is a sphere, a tube a torus, a wall around its cavity two spheres; none has a hole, and all
// hold what lies between the two ellipsoids.
TEST(HeartSurface, MyocardiumIsAClosedShell) {
  const Solid grid = solid_of(4, false, in_ellipsoid);
  for (const WallCase& wall : {WallCase{-99, 12, 2}, WallCase{-12, 12, 0}, WallCase{-99, 99, 4}}) {
    const auto labels = wall_labels(wall.low, wall.high);
    const Surface surface = heart_surface(labels, "lv_myocardium", grid.grid, kOwnHalves);
    EXPECT_EQ(surface.name, "lv_myocardium");
    EXPECT_TRUE(is_closed(surface.mesh));
    EXPECT_EQ(surface.euler, wall.euler);
    EXPECT_EQ(surface.voxels_filled, 0);
    EXPECT_EQ(surface.voxels_left_out, 0);
    const double voxels = (labels == kLvm).sum().item<double>() * 4.5 / 1000;
    EXPECT_NEAR(surface.voxel_ml, voxels, 1e-9);
    EXPECT_NEAR(volume_ml(surface.mesh), voxels, 1e-3 * voxels);

    // Endocardium and epicardium: every vertex away from the rims lies near one of them.
    const Affine voxel = grid.grid.voxel_from_world();
    for (const Point& p : surface.mesh.vertices) {
      const Point v = voxel(p);
      const double x = 1.5 * (v[0] - 23.5) / 20, y = 1.5 * (v[1] - 21.5) / 25,
                   z = 2 * (v[2] - 17.5), r = std::sqrt(x * x + y * y + z * z / 784);
      if (z < wall.low + 8 || z > wall.high - 8) continue;
      EXPECT_LT(std::min(std::abs(r - 1), std::abs(r - 0.7)) * 24, 1.5) << z;  // mm, nearly
    }
  }
}

TEST(HeartSurface, HolesInTheMyocardiumAreFilledAndItsCavityIsNot) {
  const Solid grid = solid_of(4, false, in_ellipsoid);
  auto labels = wall_labels(-99, 12);
  labels[17][21][13] = 0;     // in the wall
  labels[17][22][13] = kLvc;  // a speck of blood in it
  const Surface surface = heart_surface(labels, "lv_myocardium", grid.grid, kOwnHalves);
  EXPECT_TRUE(is_closed(surface.mesh));
  EXPECT_EQ(surface.euler, 2);
  EXPECT_EQ(surface.voxels_filled, 2);
  EXPECT_TRUE(heart_surface(torch::zeros_like(labels), "lv_myocardium", grid.grid, kOwnHalves)
                  .mesh.triangles.empty());
}

TEST(SurfaceOptions, RefuseWhatTheFilterCannotDo) {
  EXPECT_THROW((SurfaceOptions{-1, 0.1}.check()), Error);
  EXPECT_THROW((SurfaceOptions{10, 3}.check()), Error);
}

}  // namespace dmcvr
