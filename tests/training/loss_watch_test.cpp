// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loss_watch.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// The loss at which it stops, counted from 1; 0 if it does not.
template <typename Loss>
int64_t stops_at(LossWatch& watch, int64_t losses, Loss loss) {
  for (int64_t i = 0; i < losses; ++i) {
    if (watch.has_exploded_with(loss(i))) return i + 1;
  }
  return 0;
}

TEST(LossWatch, ExplodedMeanIsSeenAtItsEndAndDoubtedFromItsFirstLoss) {
  LossWatch watch;
  ASSERT_EQ(stops_at(watch, 45, [](int64_t) { return 1.0; }), 0);
  EXPECT_FALSE(watch.is_in_doubt());
  EXPECT_FALSE(watch.has_exploded_with(20));
  EXPECT_TRUE(watch.is_in_doubt());
  EXPECT_EQ(stops_at(watch, 40, [](int64_t) { return 20.0; }), 14);
  EXPECT_EQ(watch.lowest, 1);
  EXPECT_NEAR(watch.sum / static_cast<double>(watch.count), (5 + 15 * 20.0) / 20, 1e-12);
}

// Wherever it comes among those of a mean, at its end as well.
TEST(LossWatch, OneHighLossIsDoubtedAndForgiven) {
  for (const int64_t before : {50, 59, 60}) {
    LossWatch watch;
    ASSERT_EQ(stops_at(watch, before, [](int64_t) { return 1.0; }), 0);
    watch.has_exploded_with(50);
    EXPECT_TRUE(watch.is_in_doubt()) << before;
    watch.has_exploded_with(1);
    EXPECT_EQ(watch.is_in_doubt(), before == 60) << before;  // the mean of both is too high
    EXPECT_EQ(stops_at(watch, 100, [](int64_t) { return 1.0; }), 0);
    EXPECT_FALSE(watch.is_in_doubt()) << before;
  }
}

// Nothing is known before the first mean, and what the loss was at the beginning is no explosion.
TEST(LossWatch, RisesToWhereItBeganAreNoExplosions) {
  LossWatch watch;
  EXPECT_FALSE(watch.has_exploded_with(100));
  EXPECT_FALSE(watch.is_in_doubt());
  EXPECT_EQ(stops_at(watch, 139, [](int64_t i) { return i < 19 || i > 99 ? 100.0 : 0.1; }), 0);
}

TEST(LossWatch, GoesOnFromWhatWasStored) {
  const auto loss = [](int64_t i) { return i < 70 ? 1.0 : 30.0; };
  LossWatch whole, begun;
  const auto expected = stops_at(whole, 200, loss);
  ASSERT_EQ(expected, 80);
  ASSERT_EQ(stops_at(begun, 75, loss), 0);
  auto resumed = nlohmann::json::parse(nlohmann::json(begun).dump()).get<LossWatch>();
  EXPECT_TRUE(resumed.is_in_doubt());
  EXPECT_EQ(stops_at(resumed, 125, [&](int64_t i) { return loss(i + 75); }), expected - 75);
}

}  // namespace
}  // namespace dmcvr
