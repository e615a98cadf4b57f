// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/smoothing.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace dmcvr {
namespace {

// A unit icosahedron split `levels` times and blown up to `radius`, 20 · 4^levels triangles.
Mesh sphere(double radius, int levels) {
  const double g = (1 + std::sqrt(5.0)) / 2;
  Mesh mesh;
  for (const double a : {-1.0, 1.0}) {
    for (const double b : {-g, g}) {
      mesh.vertices.push_back({0, a, b});
      mesh.vertices.push_back({a, b, 0});
      mesh.vertices.push_back({b, 0, a});
    }
  }
  const auto count = static_cast<int64_t>(mesh.vertices.size());
  const auto near = [&](int64_t i, int64_t j) {
    return length(minus(mesh.vertices[i], mesh.vertices[j])) < 2.1;
  };
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = i + 1; j < count; ++j) {
      for (int64_t k = j + 1; k < count; ++k) {
        if (!near(i, j) || !near(j, k) || !near(i, k)) continue;
        const Point normal = cross(minus(mesh.vertices[j], mesh.vertices[i]),
                                   minus(mesh.vertices[k], mesh.vertices[i]));
        if (dot(normal, mesh.vertices[i]) > 0) {
          mesh.triangles.push_back({i, j, k});
        } else {
          mesh.triangles.push_back({i, k, j});
        }
      }
    }
  }
  for (int level = 0; level < levels; ++level) {
    std::map<std::pair<int64_t, int64_t>, int64_t> middles;
    const auto middle = [&](int64_t i, int64_t j) {
      const auto [place, is_new] = middles.try_emplace({std::min(i, j), std::max(i, j)},
                                                       static_cast<int64_t>(mesh.vertices.size()));
      if (is_new) mesh.vertices.push_back(times(0.5, plus(mesh.vertices[i], mesh.vertices[j])));
      return place->second;
    };
    std::vector<std::array<int64_t, 3>> finer;
    for (const auto& t : mesh.triangles) {
      const int64_t a = middle(t[0], t[1]), b = middle(t[1], t[2]), c = middle(t[2], t[0]);
      for (const auto& part :
           {std::array<int64_t, 3>{t[0], a, c}, {t[1], b, a}, {t[2], c, b}, {a, b, c}}) {
        finer.push_back(part);
      }
    }
    mesh.triangles = finer;
  }
  for (Point& p : mesh.vertices) p = times(radius, unit_vector(p));
  return mesh;
}

// Root mean square of |p| − radius.
double roughness(const Mesh& mesh, double radius) {
  double sum = 0;
  for (const Point& p : mesh.vertices) sum += std::pow(length(p) - radius, 2);
  return std::sqrt(sum / static_cast<double>(mesh.vertices.size()));
}

}  // namespace

TEST(Smoothed, TakesNoiseAwayAndLeavesTheShape) {
  const double radius = 30;
  const Mesh clean = sphere(radius, 4);
  Mesh noisy = clean;
  for (size_t i = 0; i < noisy.vertices.size(); ++i) {
    const double factor = 1 + 0.01 * ((static_cast<int64_t>(i) * 7919) % 3 - 1);
    noisy.vertices[i] = times(factor, noisy.vertices[i]);
  }
  const Mesh smooth = smoothed(noisy, 30, 0.1);
  EXPECT_LT(roughness(smooth, radius), 0.4 * roughness(noisy, radius));
  EXPECT_NEAR(volume_ml(smooth), volume_ml(clean), 0.005 * volume_ml(clean));
  EXPECT_EQ(smooth.triangles, noisy.triangles);
}

TEST(Smoothed, WithoutIterationsIsTheSame) {
  const Mesh mesh = sphere(20, 2);
  EXPECT_EQ(smoothed(mesh, 0, 0.1).vertices, mesh.vertices);
}

TEST(MatchVolume, MovesASphereToTheRadiusOfTheVolume) {
  for (const double radius : {19.0, 20.0, 21.5}) {
    Mesh mesh = sphere(20, 4);
    const double factor = volume_ml(mesh) / std::pow(20.0, 3);  // of these triangles
    const double wanted = factor * std::pow(radius, 3);
    EXPECT_NEAR(match_volume(mesh, wanted, 2).value(), radius - 20, 0.01);
    EXPECT_NEAR(volume_ml(mesh), wanted, 1e-4 * wanted);
  }
}

TEST(MatchVolume, LeavesAMeshThatItWouldMoveFarther) {
  Mesh mesh = sphere(20, 3);
  const Mesh before = mesh;
  EXPECT_FALSE(match_volume(mesh, 2 * volume_ml(mesh), 1).has_value());
  EXPECT_EQ(mesh.vertices, before.vertices);
}

}  // namespace dmcvr
