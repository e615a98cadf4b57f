// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/heart.h"

#include "measures/toy_hearts.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/dense_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace dmcvr {
namespace {

constexpr double kRounding = 1e-9;

TEST(MeasureHeart, CountsACylinderAsByHand) {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {8, 6});
  heart.body.height_cm = 180;
  heart.body.weight_kg = 80;  // 2 m² after Mosteller
  heart.body.heart_rate_per_min = 60;
  const HeartMeasures measures = measure_heart(heart);
  const Measures& m = measures.discs;
  EXPECT_NEAR(*m.lv_edv_ml, 64 * 0.16, kRounding);
  EXPECT_NEAR(*m.lv_esv_ml, 36 * 0.16, kRounding);
  EXPECT_NEAR(*m.lv_sv_ml, 28 * 0.16, kRounding);
  EXPECT_NEAR(*m.lv_ef_percent, 100 * 28 / 64.0, kRounding);
  EXPECT_NEAR(*m.lv_mass_g, 36 * 0.16 * 1.05, kRounding);
  EXPECT_NEAR(*m.lv_mass_es_g, 28 * 0.16 * 1.05, kRounding);
  EXPECT_NEAR(*m.rv_edv_ml, 6 * 0.16, kRounding);
  EXPECT_NEAR(*m.rv_ef_percent, 0, kRounding);
  EXPECT_NEAR(*m.cardiac_output_l_per_min, 28 * 0.16 * 60 / 1000, kRounding);
  EXPECT_NEAR(*measures.bsa_m2, 2, kRounding);
  EXPECT_NEAR(*m.lv_edv_ml_per_m2, 64 * 0.08, kRounding);
  EXPECT_NEAR(*m.lv_mass_g_per_m2, 36 * 0.08 * 1.05, kRounding);
  EXPECT_NEAR(*m.cardiac_index_l_per_min_per_m2, 28 * 0.08 * 60 / 1000, kRounding);
  EXPECT_NEAR(*m.lv_edv_cap_ml, *m.lv_edv_ml / 5, kRounding);
  EXPECT_EQ(measures.heart_rate_from, "given");
  EXPECT_FALSE(measures.dense);
}

// A film of one beat in 900 ms.
LabeledHeart toy_film(size_t phases) {
  std::vector<std::string> names;
  std::vector<int64_t> cavities;
  for (size_t t = 0; t < phases; ++t) {
    names.push_back("phase" + std::to_string(t));
    const double beat = 6.283185307179586 * static_cast<double>(t) / static_cast<double>(phases);
    cavities.push_back(std::lround(7 + 3 * std::cos(beat)));
  }
  LabeledHeart heart = test::toy_heart(names, cavities);
  for (size_t t = 0; t < phases; ++t) {
    heart.times_ms.push_back(900 * static_cast<double>(t) / static_cast<double>(phases));
    // An RV that beats, too: it loses a row.
    if (cavities[t] >= 7) continue;
    auto row = heart.slices.voxels[static_cast<int64_t>(t)].select(1, 4);
    row.masked_fill_(row == kRvc, 0);
  }
  heart.film_times_ms = heart.times_ms;
  return heart;
}

// A cylinder on a plane per millimeter.
LabeledHeart with_dense_copy(LabeledHeart heart) {
  const Grid grid = dense_grid(heart.slices.grid, 1).grid;
  heart.dense = Labels{grid, heart.slices.voxels.narrow(1, 0, 1).repeat({1, grid.size[2], 1, 1})};
  return heart;
}

TEST(MeasureHeart, BothWaysAgreeOnACylinder) {
  const LabeledHeart heart = with_dense_copy(toy_film(20));
  const HeartMeasures measures = measure_heart(heart, {170, 70, 60, "dubois"});
  ASSERT_TRUE(measures.dense);
  for (const MeasureKey& key : measure_keys()) {
    ASSERT_TRUE(measures.discs.*key.value) << key.key;
    EXPECT_NEAR(*(measures.discs.*key.value), *((*measures.dense).*key.value), kRounding)
        << key.key;
  }
}

TEST(MeasureHeart, PhasesOfLargestAndSmallestCavityAreEdAndEs) {
  const HeartMeasures film = measure_heart(
      test::toy_heart({"phase00", "phase01", "phase02", "phase03", "phase04"}, {7, 8, 4, 4, 8}));
  EXPECT_EQ(film.ed, 1U);
  EXPECT_EQ(film.es, 2U);
  EXPECT_EQ(film.phases_chosen_by, "LV cavity");

  // Names go before volumes, in either order.
  const HeartMeasures named = measure_heart(test::toy_heart({"es", "phase01", "ed"}, {5, 8, 7}));
  EXPECT_EQ(named.ed, 2U);
  EXPECT_EQ(named.es, 0U);
  EXPECT_EQ(named.phases_chosen_by, "name");
}

TEST(MeasureHeart, APhaseThatLeapsIsNamedAndIsNoEd) {
  LabeledHeart film = toy_film(24);
  EXPECT_EQ(measure_heart(film).ed, 0U);
  // A film whose basal slice is cavity in one phase alone.
  LabeledHeart leaping = film;
  auto slice = leaping.slices.voxels[2].select(0, 0);
  slice.masked_fill_(slice == kLvm, kLvc);
  const HeartMeasures measures = measure_heart(leaping);
  EXPECT_GT(measures.disc_volumes[2].at(kLvc).ml, measures.disc_volumes[0].at(kLvc).ml);
  EXPECT_EQ(measures.ed, 0U);
  EXPECT_EQ(measures.outliers, std::vector<size_t>{2});
  EXPECT_THAT(measures.notes, testing::Contains(testing::HasSubstr("and back in phase2")));
}

TEST(MeasureHeart, TheDenseCurveChoosesThePhasesWhereThereIsOne) {
  LabeledHeart heart = test::toy_heart({"phase00", "phase01", "phase02"}, {8, 7, 6});
  heart.dense = test::toy_labels(dense_grid(heart.slices.grid, 1).grid, {6, 8, 5});
  const HeartMeasures measures = measure_heart(heart);
  EXPECT_EQ(measures.ed, 1U);
  EXPECT_EQ(measures.es, 2U);
}

TEST(MeasureHeart, RatesAreThereForAFilmOfABeatAndAbsentElse) {
  const HeartMeasures whole = measure_heart(toy_film(20));
  ASSERT_TRUE(whole.discs.lv_peak_ejection_rate_ml_per_s &&
              whole.discs.rv_peak_filling_rate_ml_per_s);
  EXPECT_NEAR(*whole.discs.lv_peak_ejection_rate_edv_per_s,
              *whole.discs.lv_peak_ejection_rate_ml_per_s / *whole.discs.lv_edv_ml, kRounding);
  EXPECT_GT(*whole.discs.lv_time_to_peak_ejection_ms, 0);
  EXPECT_LT(*whole.discs.lv_time_to_peak_ejection_ms, 450);

  const auto has_rates = [](const LabeledHeart& heart, double heart_rate) {
    return measure_heart(heart, {0, 0, heart_rate, ""})
        .discs.lv_peak_filling_rate_ml_per_s.has_value();
  };
  EXPECT_TRUE(has_rates(toy_film(20), 66));   // 60000 / 900 and a little
  EXPECT_FALSE(has_rates(toy_film(20), 50));  // the film covers no whole beat
  EXPECT_FALSE(has_rates(toy_film(15), 0));
  LabeledHeart timeless = toy_film(20);
  timeless.times_ms.clear();
  timeless.film_times_ms.clear();
  EXPECT_FALSE(has_rates(timeless, 66));
  LabeledHeart gap = toy_film(20);
  gap.slices.voxels[7].masked_fill_(gap.slices.voxels[7] == kLvc, kLvm);
  EXPECT_FALSE(has_rates(gap, 0));
}

TEST(MeasureHeart, WithoutAnLvTheRvChoosesThePhases) {
  LabeledHeart heart = test::toy_heart({"a", "b"}, {8, 6});
  heart.slices.voxels.masked_fill_(heart.slices.voxels != kRvc, 0);
  heart.slices.voxels[1].select(0, 0).zero_();
  const HeartMeasures measures = measure_heart(heart);
  EXPECT_EQ(measures.phases_chosen_by, "RV cavity");
  EXPECT_NEAR(*measures.discs.rv_ef_percent, 20, kRounding);
  EXPECT_FALSE(measures.discs.lv_edv_ml);
  EXPECT_FALSE(measures.discs.lv_mass_g);
}

TEST(MeasureHeart, OnePhaseHasVolumesAndNoEjectionFraction) {
  const HeartMeasures nameless = measure_heart(test::toy_heart({"phase00"}, {8}));
  EXPECT_FALSE(nameless.ed || nameless.es);
  for (const MeasureKey& key : measure_keys()) EXPECT_FALSE(nameless.discs.*key.value) << key.key;
  EXPECT_NEAR(nameless.disc_volumes.at(0).at(kLvc).ml, 64 * 0.16, kRounding);

  const HeartMeasures ed = measure_heart(test::toy_heart({"ed"}, {8}));
  EXPECT_NEAR(*ed.discs.lv_edv_ml, 64 * 0.16, kRounding);
  EXPECT_TRUE(ed.discs.lv_mass_g);
  EXPECT_FALSE(ed.discs.lv_esv_ml || ed.discs.lv_ef_percent || ed.discs.lv_mass_es_g);
}

TEST(MeasureHeart, AnEmptyStructureHasNoVolumeRatherThanZero) {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {8, 6});
  heart.slices.voxels[1].masked_fill_(heart.slices.voxels[1] == kRvc, 0);
  const Measures m = measure_heart(heart).discs;
  EXPECT_TRUE(m.rv_edv_ml && m.lv_ef_percent);
  EXPECT_FALSE(m.rv_esv_ml || m.rv_sv_ml || m.rv_ef_percent || m.rv_esv_cap_ml);

  heart.slices.voxels.zero_();
  const HeartMeasures nothing = measure_heart(heart);
  for (const MeasureKey& key : measure_keys()) EXPECT_FALSE(nothing.discs.*key.value) << key.key;
  EXPECT_EQ(nothing.notes.size(), 3U);
}

TEST(MeasureHeart, TakesTheHeartRateFromAFilmAndSaysSo) {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {8, 6});
  for (int t = 0; t < 25; ++t) heart.film_times_ms.push_back(32.0 * t);
  const HeartMeasures measures = measure_heart(heart);
  EXPECT_NEAR(*measures.heart_rate_per_min, 75, kRounding);
  EXPECT_EQ(measures.heart_rate_from, "film");
  ASSERT_FALSE(measures.notes.empty());
  EXPECT_NE(measures.notes.front().find("assumed"), std::string::npos);

  // What is given goes before it.
  EXPECT_EQ(measure_heart(heart, {0, 0, 90, "mosteller"}).heart_rate_per_min, 90);
  // A film of 25 s is none of one beat.
  for (double& time : heart.film_times_ms) time *= 30;
  EXPECT_FALSE(measure_heart(heart).heart_rate_per_min);
}

TEST(MeasureHeart, GivenBodyGoesBeforeTheKnownOne) {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {8, 6});
  heart.body.height_cm = 150;
  heart.body.weight_kg = 50;
  const HeartMeasures measures = measure_heart(heart, {180, 0, 0, "mosteller"});
  EXPECT_EQ(measures.body.height_cm, 180);
  EXPECT_NEAR(*measures.bsa_m2, std::sqrt(180.0 * 50 / 3600), kRounding);
  EXPECT_THROW(measure_heart(heart, {1.8, 0, 0, "mosteller"}), Error);
  heart.body.weight_kg = 0;
  EXPECT_FALSE(measure_heart(heart).bsa_m2);
}

TEST(MeasureKeys, AreUniqueAndCarryTheirUnits) {
  std::set<std::string> keys;
  for (const MeasureKey& key : measure_keys()) {
    EXPECT_TRUE(keys.insert(key.key).second) << key.key;
    const std::string text = key.key;
    bool has_unit = false;
    for (const char* unit : {"_ml", "_g", "_percent", "_l_per_min", "_per_m2", "_per_s", "_ms"}) {
      const std::string ending = unit;
      has_unit |= text.size() > ending.size() &&
                  text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
    }
    EXPECT_TRUE(has_unit) << key.key;
  }
}

}  // namespace
}  // namespace dmcvr
