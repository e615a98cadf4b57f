// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <map>

namespace dmcvr {
namespace {

constexpr Pathology kGroups[] = {Pathology::normal, Pathology::dilated, Pathology::hypertrophic,
                                 Pathology::rv_overload};

}  // namespace

TEST(HeartVariety, TheSameSeedIsTheSameHeart) {
  EXPECT_EQ(draw_heart(9).lv_ml, draw_heart(9).lv_ml);
  EXPECT_NE(draw_heart(9).lv_ml, draw_heart(10).lv_ml);
}

TEST(HeartVariety, AWishChangesNothingElse) {
  const HeartShape drawn = draw_heart(9);
  HeartWishes wishes;
  wishes.pathology = pathology_of(9, {});
  wishes.ejection_fraction = drawn.ejection_fraction;
  const HeartShape wished = draw_heart(9, wishes);
  EXPECT_EQ(wished.lv_ml, drawn.lv_ml);
  EXPECT_EQ(wished.rv_angle, drawn.rv_angle);
  EXPECT_EQ(wished.sway_mm, drawn.sway_mm);
}

TEST(HeartVarietyProperty, EveryGroupIsDrawnAboutAsOften) {
  std::map<Pathology, int> counts;
  for (uint64_t seed = 0; seed < 400; ++seed) ++counts[pathology_of(seed, {})];
  // 100 of 400 each, with a deviation of 9.
  for (const Pathology group : kGroups) EXPECT_NEAR(counts[group], 100, 40);
  EXPECT_EQ(counts.count(Pathology::drawn), 0u);
}

TEST(HeartVarietyProperty, GroupsAreWhatTheirNamesSay) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    std::map<Pathology, HeartShape> hearts;
    for (const Pathology group : kGroups) {
      HeartWishes wishes;
      wishes.pathology = group;
      EXPECT_EQ(pathology_of(seed, wishes), group);
      hearts[group] = draw_heart(seed, wishes);
      EXPECT_GE(hearts[group].ejection_fraction, 0.15);
      EXPECT_LE(hearts[group].ejection_fraction, 0.75);
    }
    const HeartShape& normal = hearts[Pathology::normal];
    EXPECT_GT(hearts[Pathology::dilated].lv_ml, normal.lv_ml);
    EXPECT_LE(hearts[Pathology::dilated].ejection_fraction, 0.4);
    EXPECT_GT(hearts[Pathology::hypertrophic].wall_mm, normal.wall_mm);
    const HeartShape& overload = hearts[Pathology::rv_overload];
    EXPECT_GT(overload.rv_ml, 1.2 * overload.lv_ml);
    // The septum is flat: the outline is nearer to the axis there than at a right angle to it.
    EXPECT_LT(overload.epicardium(overload.rv_angle),
              overload.epicardium(overload.rv_angle + 1.5708));
  }
}

TEST(HeartVarietyProperty, AWishedEjectionFractionFindsItsGroup) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    HeartWishes wishes;
    wishes.ejection_fraction = 0.2;
    EXPECT_EQ(pathology_of(seed, wishes), Pathology::dilated);
    wishes.ejection_fraction = 0.7;
    EXPECT_NE(pathology_of(seed, wishes), Pathology::dilated);
    EXPECT_EQ(draw_heart(seed, wishes).ejection_fraction, 0.7);
  }
}

}  // namespace dmcvr
