// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/nearest.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {

TEST(Nearest, TakesTheNearestSliceAndTheLowerOneInTheMiddle) {
  const auto slices = torch::tensor({1, 2, 3}, torch::kUInt8).reshape({3, 1, 1}).expand({3, 2, 2});
  const std::vector<double> z = {0, 3.9, 4, 4.1, 8, 12.5, 12.6, 17};
  const auto found = nearest_slices(slices, {0, 8, 17}, z);
  EXPECT_TRUE(found.select(1, 0).select(1, 0).equal(
      torch::tensor({1, 1, 1, 2, 2, 2, 3, 3}, torch::kUInt8)));
}

TEST(NearestProperty, RoundingOfThePitchDoesNotMoveTheMiddle) {
  const auto slices = torch::arange(12).reshape({12, 1, 1});
  for (const double pitch : {1 / 3.0, 0.1, 7.3, 9.999999}) {
    std::vector<double> given, middles;
    for (int k = 0; k < 12; ++k) given.push_back(k * pitch);
    for (int k = 0; k < 11; ++k)
      middles.push_back(std::nextafter((k + 0.5) * pitch, k % 2 == 0 ? 1e9 : -1e9));
    EXPECT_TRUE(nearest_slices(slices, given, middles).flatten().equal(torch::arange(11))) << pitch;
  }
}

}  // namespace dmcvr
