// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/picture_plane.h"

#include "study/chest_plane.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

namespace dmcvr {
using test::chest_plane;

TEST(PicturePlane, PixelsAndMillimetersAreInverse) {
  const PicturePlane plane = chest_plane();
  for (const auto& [column, row] : {std::pair{0, 0}, std::pair{149, 3}, std::pair{70, 139}}) {
    const auto p = plane.at(column, row);
    const auto back = plane.pixel_of(p[0], p[1]);
    EXPECT_NEAR(back[0], column, 1e-9);
    EXPECT_NEAR(back[1], row, 1e-9);
  }
}

TEST(PicturePlane, AWindowHoldsAllPixelsOfItsCircle) {
  const PicturePlane plane = chest_plane();
  for (const auto& center : {plane.at(70, 60), plane.at(1, 139), plane.at(-40, 20)}) {
    const PixelWindow window = window_around(center[0], center[1], 30, plane);
    for (int64_t j = 0; j < plane.rows; ++j) {
      for (int64_t i = 0; i < plane.columns; ++i) {
        const auto p = plane.at(i, j);
        if (std::hypot(p[0] - center[0], p[1] - center[1]) > 30) continue;
        ASSERT_TRUE(i >= window.first_column && i <= window.last_column && j >= window.first_row &&
                    j <= window.last_row);
      }
    }
  }
  const auto far = plane.at(400, 400);
  const PixelWindow empty = window_around(far[0], far[1], 30, plane);
  EXPECT_GT(empty.first_column, empty.last_column);
}

TEST(Cover, GrowsFromZeroToOneOverTheBorder) {
  EXPECT_EQ(cover(-1, 2), 0);
  EXPECT_FLOAT_EQ(cover(0, 2), 0.5);
  EXPECT_EQ(cover(1, 2), 1);
  EXPECT_EQ(cover(50, 2), 1);
}

}  // namespace dmcvr
