// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/peak_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace dmcvr {
namespace {

constexpr double kTurn = 6.28318530717958647692;
constexpr double kBeatMs = 900;

struct Film {
  std::vector<double> times_ms, ml;
};

Film film(size_t phases, const std::function<double(double fraction)>& ml, double first_ms = 0) {
  Film result;
  for (size_t t = 0; t < phases; ++t) {
    const double fraction = static_cast<double>(t) / static_cast<double>(phases);
    result.times_ms.push_back(first_ms + fraction * kBeatMs);
    result.ml.push_back(ml(fraction));
  }
  return result;
}

double cosine(double fraction) {
  return 100 + 40 * std::cos(kTurn * fraction);
}

TEST(PeakRatesProperty, OfACosineAreThoseOfItsDerivative) {
  const double rate = 40 * kTurn / (kBeatMs / 1000);  // 279 ml/s
  for (const size_t phases : {16, 20, 25, 30, 50}) {
    const Film beat = film(phases, cosine, 13);
    const auto peaks = peak_rates(beat.times_ms, beat.ml, kBeatMs);
    ASSERT_TRUE(peaks) << phases;
    EXPECT_NEAR(peaks->ejection_ml_per_s / rate, 1, 0.02) << phases;
    EXPECT_NEAR(peaks->filling_ml_per_s / rate, 1, 0.02) << phases;
    EXPECT_NEAR(peaks->ejection_ms, 13 + kBeatMs / 4, 10) << phases;
    EXPECT_NEAR(peaks->filling_ms, 13 + 3 * kBeatMs / 4, 10) << phases;
  }
}

// The beat is closed: the phases before the first one are the last ones.
TEST(PeakRatesProperty, WhereTheFilmBeginsChangesNothing) {
  const auto beat = [](double fraction) {
    return 100 + 35 * std::cos(kTurn * fraction) + 8 * std::sin(2 * kTurn * fraction + 0.5);
  };
  const Film reference = film(24, beat);
  const auto expected = peak_rates(reference.times_ms, reference.ml, kBeatMs);
  for (const int first : {1, 7, 12, 23}) {
    const Film turned = film(24, [&](double fraction) { return beat(fraction + first / 24.0); });
    const auto peaks = peak_rates(turned.times_ms, turned.ml, kBeatMs);
    EXPECT_NEAR(peaks->ejection_ml_per_s, expected->ejection_ml_per_s, 1e-6);
    EXPECT_NEAR(peaks->filling_ml_per_s, expected->filling_ml_per_s, 1e-6);
    const double shift_ms = peaks->filling_ms + first * kBeatMs / 24 - expected->filling_ms;
    EXPECT_NEAR(std::remainder(shift_ms, kBeatMs), 0, 1e-6);
    EXPECT_GE(peaks->filling_ms, 0);
    EXPECT_LT(peaks->filling_ms, kBeatMs);
  }
}

TEST(PeakRatesProperty, UnevenTimesAreHeeded) {
  Film beat;
  for (int t = 0; t < 24; ++t) {
    const double fraction = (t + 0.3 * std::sin(1.7 * t)) / 24;
    beat.times_ms.push_back(fraction * kBeatMs);
    beat.ml.push_back(cosine(fraction));
  }
  const double rate = 40 * kTurn / (kBeatMs / 1000);
  const auto peaks = peak_rates(beat.times_ms, beat.ml, kBeatMs);
  EXPECT_NEAR(peaks->ejection_ml_per_s / rate, 1, 0.03);
  EXPECT_NEAR(peaks->filling_ml_per_s / rate, 1, 0.03);
}

TEST(PeakRates, AreAbsentWhereTheyCannotBeKnown) {
  const Film few = film(kFewestRatePhases - 1, cosine);
  EXPECT_FALSE(peak_rates(few.times_ms, few.ml, kBeatMs));
  Film enough = film(kFewestRatePhases, cosine);
  EXPECT_TRUE(peak_rates(enough.times_ms, enough.ml, kBeatMs));
  EXPECT_FALSE(peak_rates(enough.times_ms, enough.ml, 800));  // the film is longer than the beat
  std::swap(enough.times_ms[3], enough.times_ms[4]);
  EXPECT_FALSE(peak_rates(enough.times_ms, enough.ml, kBeatMs));
  const Film still = film(20, [](double) { return 80.0; });
  EXPECT_FALSE(peak_rates(still.times_ms, still.ml, kBeatMs));
}

}  // namespace
}  // namespace dmcvr
