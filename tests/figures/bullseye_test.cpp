// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/bullseye.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

BullseyePlate toy_plate() {
  BullseyePlate plate{"wall in ED", "mm", {}, 4, 12, 1};
  for (size_t s = 0; s < plate.values.size(); ++s)
    plate.values[s] = 5 + 0.4 * static_cast<double>(s);
  return plate;
}

// The clinical picture: anterior above, septum left, inferior below, lateral right.
TEST(BullseyeSegment, LiesWhereCliniciansLookForIt) {
  EXPECT_EQ(bullseye_segment(0, -0.9), 0U);
  EXPECT_EQ(bullseye_segment(-0.8, -0.4), 1U);
  EXPECT_EQ(bullseye_segment(-0.8, 0.4), 2U);
  EXPECT_EQ(bullseye_segment(0, 0.9), 3U);
  EXPECT_EQ(bullseye_segment(0.8, 0.4), 4U);
  EXPECT_EQ(bullseye_segment(0.8, -0.4), 5U);
  EXPECT_EQ(bullseye_segment(0, -0.6), 6U);
  EXPECT_EQ(bullseye_segment(-0.5, 0.3), 8U);
  EXPECT_EQ(bullseye_segment(0, -0.4), 12U);
  EXPECT_EQ(bullseye_segment(-0.4, 0), 13U);
  EXPECT_EQ(bullseye_segment(0, 0.4), 14U);
  EXPECT_EQ(bullseye_segment(0.4, 0), 15U);
  EXPECT_FALSE(bullseye_segment(0.1, 0.1));
  EXPECT_FALSE(bullseye_segment(0.8, 0.8));
}

TEST(BullseyeSegmentProperty, SegmentsOfALevelAreEqual) {
  std::array<int, 16> count{};
  for (int degree = 0; degree < 360; ++degree) {
    const double angle = (degree + 0.5) / 57.29577951308232;
    for (const double radius : {0.3, 0.6, 0.9})
      ++count[*bullseye_segment(radius * std::cos(angle), radius * std::sin(angle))];
  }
  for (size_t s = 0; s < 16; ++s) EXPECT_EQ(count[s], s < 12 ? 60 : 90);
}

TEST(Bullseye, OneSegmentChangesInItsPlaceAlone) {
  BullseyeOptions options;
  options.side_px = 200;
  const BullseyePlate plate = toy_plate();
  BullseyePlate other = plate;
  other.values[3] = 12;
  const auto changed =
      (bullseye("toy", {plate}, options).rgb != bullseye("toy", {other}, options).rgb)
          .any(2)
          .nonzero();  // [N, 2]
  ASSERT_GT(changed.size(0), 300);
  // Basal inferior: the lower part of the plate, in its middle.
  const auto middle = bullseye("toy", {plate}, options).width() / 2;
  EXPECT_NEAR(changed.select(1, 1).to(torch::kFloat64).mean().item<double>(),
              static_cast<double>(middle), 6);
  EXPECT_GT(changed.select(1, 0).min().item<int64_t>(), 120 + 100);
}

TEST(Bullseye, UnknownSegmentsAreGrayAndPlatesStandSideBySide) {
  const BullseyePlate plate = toy_plate();
  BullseyePlate unknown = plate;
  unknown.values.fill(std::nullopt);
  const Picture one = bullseye("toy", {plate}), two = bullseye("toy", {plate, unknown});
  EXPECT_EQ(two.width(), 2 * one.width());
  EXPECT_TRUE(two.rgb.narrow(1, 0, one.width())
                  .narrow(0, 60, one.height() - 60)
                  .equal(one.rgb.narrow(0, 60, one.height() - 60)));
  EXPECT_TRUE(bullseye("toy", {plate}).rgb.equal(one.rgb));
  BullseyeOptions options;
  options.side_px = 10;
  EXPECT_THROW(bullseye("toy", {plate}, options), Error);
}

}  // namespace
}  // namespace dmcvr
