// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/statistics.h"

#include "support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

TEST(StatisticsGolden, PercentileOfAStackAndWhatItNormalizes) {
  const auto golden = test::golden("metrics_latents");
  const auto volume = golden.at("vol_raw");  // [3, 21, 30]
  const double p98 = percentile(volume, 98);
  test::expect_close(torch::tensor({p98}, torch::kFloat64), golden.at("percentile98"), 1e-6,
                     "percentile");

  // Clipped to [0, p98], divided by it, then padded and cropped around the center to 26×25 pixels,
  // an odd difference going to the end.
  const auto unit = volume.to(torch::kFloat64).clamp(0, p98) / p98;
  const auto fitted = torch::constant_pad_nd(unit, {0, 0, 2, 3}).narrow(2, 2, 25);
  test::expect_close(fitted, golden.at("vol_norm_padcrop"), 1e-6, "normalized by percentile");
}

TEST(PercentileProperty, LiesBetweenRanksAndRises) {
  const auto values = test::golden_input("values", {7, 13}).to(torch::kFloat64);
  const auto sorted = std::get<0>(values.flatten().sort());
  EXPECT_EQ(percentile(values, 0), sorted[0].item<double>());
  EXPECT_EQ(percentile(values, 100), sorted[90].item<double>());
  EXPECT_EQ(percentile(values, 50), sorted[45].item<double>());
  double before = -INFINITY;
  for (double q = 0; q <= 100; q += 0.5) {
    const double now = percentile(values, q);
    EXPECT_GE(now, before);
    const double rank = q / 100 * 90;
    const auto low = sorted[static_cast<int64_t>(std::floor(rank))].item<double>();
    const auto high = sorted[static_cast<int64_t>(std::ceil(rank))].item<double>();
    EXPECT_NEAR(now, low + (rank - std::floor(rank)) * (high - low), 1e-12);
    before = now;
  }
}

TEST(Percentile, LeavesItsInputAlone) {
  const auto values = torch::tensor({3.0, 1.0, 2.0}, torch::kFloat64);
  EXPECT_EQ(percentile(values, 75), 2.5);
  EXPECT_TRUE(values.equal(torch::tensor({3.0, 1.0, 2.0}, torch::kFloat64)));
  EXPECT_EQ(percentile(torch::tensor({uint8_t{7}}), 98), 7);
}

TEST(Percentile, WrongInputIsRefused) {
  EXPECT_THROW(percentile(torch::empty({0}), 50), c10::Error);
  EXPECT_THROW(percentile(torch::tensor({1.f, NAN}), 50), c10::Error);
  EXPECT_THROW(percentile(torch::ones({3}), 101), c10::Error);
}

TEST(Summary, LeavesOutAndCountsWhatIsAbsent) {
  const Summary summary = summarize({1, NAN, 3, NAN, 5});
  EXPECT_EQ(summary.count, 3);
  EXPECT_EQ(summary.absent, 2);
  EXPECT_EQ(summary.mean, 3);
  EXPECT_EQ(summary.deviation, 2);
  EXPECT_TRUE(std::isnan(summarize({}).mean));
  EXPECT_TRUE(std::isnan(summarize({NAN}).mean));
  EXPECT_EQ(summarize({4}).mean, 4);
  EXPECT_TRUE(std::isnan(summarize({4}).deviation));
}

// Groups of one value each: the interval of the mean is ± 1.96 standard errors.
TEST(BootstrapMeanProperty, AgreesWithTheNormalIntervalOfManyIndependentValues) {
  std::vector<std::vector<double>> groups, doubled;
  std::vector<double> values;
  const auto drawn = torch::randn({400}, torch::kFloat64) * 3 + 1;
  for (int64_t n = 0; n < drawn.size(0); ++n) {
    values.push_back(drawn[n].item<double>());
    groups.push_back({values.back()});
    doubled.push_back({values.back(), values.back()});
  }
  const Summary summary = summarize(values);
  const Interval interval = bootstrap_mean(groups);
  const double error = summary.deviation / std::sqrt(400.0);
  EXPECT_NEAR(interval.mean, summary.mean, 1e-12);
  EXPECT_NEAR(interval.low, summary.mean - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(interval.high, summary.mean + 1.96 * error, 0.15 * error);

  // A second look at the same patients makes nothing more certain.
  const Interval twice = bootstrap_mean(doubled);
  EXPECT_NEAR(twice.low, interval.low, 1e-12);
  EXPECT_NEAR(twice.high, interval.high, 1e-12);
  EXPECT_EQ(twice.values, 800);
  EXPECT_EQ(twice.groups, 400);
}

TEST(BootstrapMean, LeavesOutWhatIsAbsentAndNeedsTwoGroups) {
  const Interval interval = bootstrap_mean({{1, NAN}, {NAN}, {3, 5}});
  EXPECT_EQ(interval.mean, 3);
  EXPECT_EQ(interval.values, 3);
  EXPECT_EQ(interval.groups, 2);
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 4);
  EXPECT_TRUE(std::isnan(bootstrap_mean({{1, 2, 3}}).low));
  EXPECT_EQ(bootstrap_mean({{1, 2, 3}}).mean, 2);
  EXPECT_TRUE(std::isnan(bootstrap_mean({}).mean));
}

TEST(BootstrapMeans, AreThoseOfEachMeasureAlone) {
  const std::vector<std::vector<double>> a = {{1, 2}, {5}, {0}, {7, 7}}, b = {{3}, {NAN}, {4}, {6}};
  const auto both = bootstrap_means({a, b, a}, 500);
  ASSERT_EQ(both.size(), 3U);
  EXPECT_EQ(both[0].low, bootstrap_mean(a, 500).low);
  EXPECT_EQ(both[1].high, bootstrap_mean(b, 500).high);
  EXPECT_EQ(both[1].groups, 3);
  EXPECT_EQ(both[2].mean, both[0].mean);
}

}  // namespace
}  // namespace dmcvr
