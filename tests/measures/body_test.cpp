// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/body.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

// 180 cm and 77 kg: the root of 3.85 after Mosteller, 1.96 m² in tables of Du Bois' formula.
TEST(BsaFormula, GivesTheTabulatedAreas) {
  EXPECT_NEAR(bsa_formula("mosteller").m2(180, 77), std::sqrt(3.85), 1e-12);
  EXPECT_NEAR(bsa_formula("mosteller").m2(180, 80), 2, 1e-12);
  EXPECT_NEAR(bsa_formula("dubois").m2(180, 77), 1.96, 0.005);
}

// Both describe people: for adults they differ by less than a tenth.
TEST(BsaFormulaProperty, FormulasAgreeOnAdultsAndGrowWithHeightAndWeight) {
  for (double height = 150; height <= 200; height += 10) {
    for (double weight = 45; weight <= 110; weight += 5) {
      const double mosteller = bsa_formula("mosteller").m2(height, weight);
      EXPECT_NEAR(bsa_formula("dubois").m2(height, weight) / mosteller, 1, 0.1);
      for (const char* word : {"mosteller", "dubois"}) {
        const auto& m2 = bsa_formula(word).m2;
        EXPECT_GT(m2(height + 1, weight), m2(height, weight));
        EXPECT_GT(m2(height, weight + 1), m2(height, weight));
      }
    }
  }
}

TEST(BodyOptions, RefusesWhatNoBodyHas) {
  BodyOptions().check();
  BodyOptions body{184, 95, 72, "dubois"};
  body.check();
  for (const double height : {1.84, -170.0, 300.0, std::nan("")}) {
    BodyOptions wrong = body;
    wrong.height_cm = height;
    EXPECT_THROW(wrong.check(), Error) << height;
  }
  for (const double weight : {-1.0, 0.1, 1000.0}) {
    BodyOptions wrong = body;
    wrong.weight_kg = weight;
    EXPECT_THROW(wrong.check(), Error) << weight;
  }
  body.heart_rate_per_min = 1.2;
  EXPECT_THROW(body.check(), Error);
  EXPECT_THROW(bsa_formula("Mosteller"), Error);
}

TEST(BeatMs, IsTheNumberOfPhasesTimesTheirDistance) {
  std::vector<double> times_ms;
  for (int t = 0; t < 20; ++t) times_ms.push_back(13 + 45.0 * t);
  EXPECT_NEAR(beat_ms(times_ms).value(), 900, 1e-9);
}

TEST(BeatMs, IsUnknownWithoutAFilm) {
  EXPECT_FALSE(beat_ms({}));
  EXPECT_FALSE(beat_ms({0, 330}));
  EXPECT_FALSE(beat_ms(std::vector<double>(20, 5)));
}

}  // namespace
}  // namespace dmcvr
