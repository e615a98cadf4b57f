// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/curve.h"

#include "dmcvr/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr Color kRed = {1, 0, 0};

CurveContent content_of(const std::vector<std::optional<double>>& values) {
  CurveContent content;
  content.title = "toy";
  content.horizontal = "time / ms";
  content.vertical = "volume / ml";
  for (size_t n = 0; n < values.size(); ++n)
    content.places.push_back(40.0 * static_cast<double>(n));
  content.lines = {{"LV", kRed, values, false}};
  return content;
}

torch::Tensor red_pixels(const Picture& picture) {
  const auto rgb = picture.rgb;
  return (rgb.select(2, 0) > 0.8) & (rgb.select(2, 1) < 0.2) & (rgb.select(2, 2) < 0.2);
}

// Below the legend.
torch::Tensor red_in_frame(const Picture& picture) {
  auto pixels = red_pixels(picture);
  pixels.narrow(0, 0, 110).fill_(false);
  return pixels.nonzero();  // [N, 2]: row, column
}

TEST(RoundTicks, AreRoundAndHoldBothEnds) {
  EXPECT_THAT(round_ticks(0, 137, 6), testing::ElementsAre(0, 50, 100, 150));
  EXPECT_THAT(round_ticks(0, 855, 8), testing::ElementsAre(0, 200, 400, 600, 800, 1000));
  EXPECT_THAT(round_ticks(0, 0.9, 5),
              testing::ElementsAre(testing::DoubleEq(0), testing::DoubleNear(0.2, 1e-9),
                                   testing::DoubleNear(0.4, 1e-9), testing::DoubleNear(0.6, 1e-9),
                                   testing::DoubleNear(0.8, 1e-9), testing::DoubleNear(1, 1e-9)));
}

TEST(RoundTicksProperty, CoverEveryRangeWithFewSteps) {
  for (double high = 0.013; high < 1e5; high *= 1.37) {
    const auto ticks = round_ticks(0, high, 6);
    EXPECT_GE(ticks.back(), high * (1 - 1e-9));
    EXPECT_LE(ticks.size(), 8U) << high;
    EXPECT_GE(ticks.size(), 3U) << high;
  }
}

// Higher values are drawn higher, later ones farther to the right.
TEST(Curve, DrawsValuesWhereTheyBelong) {
  const auto low = red_in_frame(curve(content_of({40.0, 40.0, 40.0})));
  auto content = content_of({80.0, 80.0, 40.0});
  const auto falling = red_in_frame(curve(content));
  ASSERT_GT(low.size(0), 100);
  const auto first_column = falling.select(1, 1).min().item<int64_t>();
  const auto last_column = falling.select(1, 1).max().item<int64_t>();
  const auto row_at = [&](int64_t column) {
    return falling.select(1, 0).masked_select(falling.select(1, 1) == column).min().item<int64_t>();
  };
  EXPECT_LT(row_at(first_column + 4), row_at(last_column - 4) - 100);
}

TEST(Curve, AMissingValueLeavesAGap) {
  const auto whole = red_in_frame(curve(content_of({60.0, 60.0, 60.0, 60.0})));
  const auto gap = red_in_frame(curve(content_of({60.0, std::nullopt, 60.0, 60.0})));
  EXPECT_LT(gap.size(0), 0.6 * static_cast<double>(whole.size(0)));
  EXPECT_GT(gap.size(0), 0.2 * static_cast<double>(whole.size(0)));
}

TEST(Curve, MarksAndSizeAreAsAskedFor) {
  CurveContent content = content_of({60.0, 30.0, 60.0});
  CurveOptions options;
  options.width = 500;
  options.height = 400;
  const Picture plain = curve(content, options);
  EXPECT_EQ(plain.width(), 500);
  EXPECT_EQ(plain.height(), 400);
  content.marks = {{40, "ES"}};
  EXPECT_FALSE(curve(content, options).rgb.equal(plain.rgb));
  EXPECT_TRUE(curve(content, options).rgb.equal(curve(content, options).rgb));
  options.width = 10;
  EXPECT_THROW(curve(content, options), Error);
}

}  // namespace
}  // namespace dmcvr
