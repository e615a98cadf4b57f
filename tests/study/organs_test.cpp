// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/organs.h"

#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace dmcvr {
namespace {

PicturePlane small_plane() {
  PicturePlane plane;
  plane.columns = 60;
  plane.rows = 50;
  plane.origin_mm = {-30, -25};
  return plane;
}

float sum_of(const std::vector<Blob>& blobs, const PicturePlane& plane, float room) {
  const auto count = static_cast<size_t>(plane.columns * plane.rows);
  std::vector<float> picture(count, 0), share(count, room);
  paint_blobs(blobs, plane, share, Texture(1, "test"), picture.data());
  return std::accumulate(picture.begin(), picture.end(), 0.0f);
}

}  // namespace

TEST(Blobs, ASmallOneIsTheEllipseThatItSays) {
  const Blob blob{3, -2, 0, 5, 4, 10, 0, 0, 0.5f};
  EXPECT_NEAR(sum_of({blob}, small_plane(), 1), 0.5 * 3.14159 * 5 * 4, 1.5);
  EXPECT_NEAR(sum_of({blob}, small_plane(), 0.4f), 0.2 * 3.14159 * 5 * 4, 0.6);
  EXPECT_EQ(sum_of({blob}, small_plane(), 0), 0);
}

TEST(Blobs, TheyLeanAndEndAlongZ) {
  const Blob blob{0, 0, 0, 4, 4, 10, 2, -1, 1};
  PicturePlane plane = small_plane();
  plane.z_mm = 5;  // at three quarters of its area, 10 mm to the right and 5 up
  std::vector<float> picture(3000, 0), share(3000, 1);
  paint_blobs({blob}, plane, share, Texture(1, "test"), picture.data());
  double x = 0, y = 0, sum = 0;
  for (int64_t j = 0; j < plane.rows; ++j) {
    for (int64_t i = 0; i < plane.columns; ++i) {
      const double value = picture[static_cast<size_t>(j * plane.columns + i)];
      x += value * plane.at(i, j)[0];
      y += value * plane.at(i, j)[1];
      sum += value;
    }
  }
  EXPECT_NEAR(sum, 0.75 * 3.14159 * 16, 1.5);
  EXPECT_NEAR(x / sum, 10, 0.1);
  EXPECT_NEAR(y / sum, -5, 0.1);
  plane.z_mm = 10.1;
  EXPECT_EQ(sum_of({blob}, plane, 1), 0);
}

TEST(Blobs, ALargeOneIsUnevenAndKeepsItsSize) {
  const Blob blob{0, 0, 0, 20, 20, 50, 0, 0, 1};
  const float area = sum_of({blob}, small_plane(), 1);
  EXPECT_NEAR(area, 3.14159 * 400, 120);
  EXPECT_GT(std::abs(area - 3.14159f * 400), 0.01f);
}

TEST(OrgansProperty, AllAreFiniteAndTheSameForTheSameStream) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    auto one = make_generator(seed, "test"), same = make_generator(seed, "test");
    for (auto* generator : {&one, &same}) {
      const ChestRoom room;
      for (const auto& blobs :
           {draw_abdomen(room, {}, *generator), draw_mediastinum(room, {}, *generator),
            draw_lung_vessels(room, *generator)}) {
        EXPECT_GT(blobs.size(), 4u);
        for (const Blob& blob : blobs) {
          EXPECT_GT(std::min({blob.rx, blob.ry, blob.rz}), 0);
          EXPECT_LT(std::abs(blob.brightness), 1.5f);
        }
      }
    }
    EXPECT_EQ(uniform(one), uniform(same));
  }
}

}  // namespace dmcvr
