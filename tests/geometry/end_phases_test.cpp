// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/end_phases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

using Volumes = std::vector<std::optional<double>>;

// 150 ml to 60 ml: a third of the beat empties, a fifth fills, then it rests.
double volume_ml(double beat) {
  constexpr double kPi = 3.14159265358979;
  const double systole = 0.35, filled = 0.55;
  const double emptied = beat < systole  ? 0.5 * (1 - std::cos(kPi * beat / systole))
                         : beat < filled ? 0.5 * (1 + std::cos(kPi * (beat - systole) / 0.2))
                                         : 0;
  return 150 - 90 * emptied;
}

Volumes film(size_t phases, double start = 0) {
  Volumes ml;
  for (size_t t = 0; t < phases; ++t)
    ml.emplace_back(
        volume_ml(std::fmod(start + static_cast<double>(t) / static_cast<double>(phases), 1.0)));
  return ml;
}

}  // namespace

TEST(EndPhasesOfVolumes, AreTheLargestAndTheSmallest) {
  const EndPhases ends = end_phases({80, 95, 60, 40, 95});
  EXPECT_EQ(ends.ed, 1U);
  EXPECT_EQ(ends.es, 3U);
  // What is unknown is passed over; one volume, or equal ones, are no beat.
  EXPECT_EQ(end_phases({std::nullopt, 50, 70}).ed, 2U);
  EXPECT_FALSE(end_phases({50, std::nullopt}).ed);
  EXPECT_FALSE(end_phases({50, 50, 50}).es);
  EXPECT_FALSE(end_phases({}).ed);
}

TEST(EndPhasesOfVolumes, ABeatHasNoOutlierWhereverItsFilmBegins) {
  for (const size_t phases : {20U, 25U, 30U, 50U}) {
    for (int shift = 0; shift < 40; ++shift) {
      const Volumes ml = film(phases, shift / 40.0 / static_cast<double>(phases));
      const EndPhases ends = end_phases(ml);
      EXPECT_TRUE(ends.outliers.empty()) << phases << " phases, shift " << shift;
      EXPECT_EQ(ml[*ends.es], *std::min_element(ml.begin(), ml.end()));
    }
  }
}

TEST(EndPhasesOfVolumes, APhaseThatLeapsIsNoEndPhase) {
  const Volumes clean = film(30);
  for (size_t t = 0; t < clean.size(); ++t) {
    for (const double leap : {30.0, -30.0}) {
      Volumes ml = clean;
      *ml[t] += leap;
      const EndPhases ends = end_phases(ml);
      // A leap on a slope may stay between its neighbors, and is then no extreme either.
      EXPECT_NEAR(*ml[*ends.ed], 150, 3) << t;
      EXPECT_NEAR(*ml[*ends.es], 60, 3) << t;
    }
  }
}

TEST(EndPhasesOfVolumes, FilmsOfFewPhasesOrManyLeapsAreTakenAsTheyAre) {
  Volumes few = film(kFewestFilmPhases - 1);
  *few[8] += 120;
  EXPECT_EQ(end_phases(few).ed, 8U);
  Volumes restless = film(20);
  for (size_t t = 0; t < restless.size(); t += 2) *restless[t] += 40;
  const EndPhases ends = end_phases(restless);
  EXPECT_TRUE(ends.outliers.empty());
  EXPECT_EQ(ends.ed, 0U);
}

}  // namespace dmcvr
