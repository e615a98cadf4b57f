// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/heart_model.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/study/heart_variety.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace dmcvr {
namespace {

constexpr double kContractions[] = {0, 0.4, 1};

// Millilitres of each label, counted at points of a fine lattice.
std::map<int64_t, double> counted_ml(const HeartShape& shape, const HeartPhase& phase) {
  constexpr double kStep = 0.7;
  std::map<int64_t, int64_t> counts;
  for (double z = -12 + kStep / 2; z < phase.z_apex_mm(); z += kStep) {
    const CrossSection section = cross_section(shape, phase, z);
    for (double y = section.y_mm - 130; y < section.y_mm + 130; y += kStep) {
      for (double x = section.x_mm - 130; x < section.x_mm + 130; x += kStep)
        ++counts[section.label_at(x, y)];
    }
  }
  std::map<int64_t, double> ml;
  for (const auto& [label, count] : counts)
    ml[label] = static_cast<double>(count) * kStep * kStep * kStep / 1000;
  return ml;
}

}  // namespace

TEST(HeartModel, AHalfEllipsoidHasHalfItsVolume) {
  const double whole = 4.0 / 3 * 3.14159265358979 * 20 * 20 * 45 / 1000;
  EXPECT_NEAR(truncated_ellipsoid_ml(20, 45, 0), whole / 2, 1e-9);
  EXPECT_NEAR(truncated_ellipsoid_ml(20, 45, 45), whole, 1e-9);
  EXPECT_NEAR(truncated_ellipsoid_ml(20, 45, -45), 0, 1e-9);
}

TEST(HeartModelProperty, VoxelsCountToTheClosedForm) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const HeartShape shape = draw_heart(seed);
    const HeartPhase phase = heart_at(shape, kContractions[seed % 3]);
    auto counted = counted_ml(shape, phase);
    // The lattice errs by up to half a step in the plane where the ventricles end: 0.35 mm of 30
    // cm^2.
    EXPECT_NEAR(counted[kLvc], phase.lv_ml, 0.9 + 0.003 * phase.lv_ml) << seed;
    EXPECT_NEAR(counted[kLvm], phase.lvm_ml, 0.9 + 0.003 * phase.lvm_ml) << seed;
    EXPECT_NEAR(counted[kRvc], phase.rv_ml, 1.1 + 0.003 * phase.rv_ml) << seed;
  }
}

TEST(HeartModelProperty, VolumesFollowTheEjectionFraction) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const double wished = 0.15 + 0.6 * static_cast<double>(seed) / 29;
    const HeartShape shape = draw_heart(seed, {wished, -1});
    const HeartPhase ed = heart_at(shape, 0), es = heart_at(shape, 1);
    EXPECT_NEAR(1 - es.lv_ml / ed.lv_ml, wished, 1e-12);
    EXPECT_NEAR(es.lvm_ml, ed.lvm_ml, 1e-9);
    EXPECT_GT(es.z_base_mm, ed.z_base_mm);
    EXPECT_LT(es.rv_ml, ed.rv_ml);
    EXPECT_GT(es.rv_gap_mm, 3) << seed;
    // Walls thicken: both radii differ more.
    EXPECT_GT(es.epi_a_mm - es.endo_a_mm, ed.epi_a_mm - ed.endo_a_mm);
  }
}

TEST(HeartModelProperty, LayersKeepTheirOrder) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const HeartShape shape = draw_heart(seed);
    for (const double contraction : kContractions) {
      const HeartPhase phase = heart_at(shape, contraction);
      for (double z = phase.z_base_mm; z < phase.z_center_mm + 0.9 * phase.endo_b_mm; z += 4) {
        const CrossSection section = cross_section(shape, phase, z);
        for (size_t i = 0; i < section.epi.size(); ++i) {
          ASSERT_GT(section.epi[i] - section.endo[i], 1.5) << "seed " << seed << " z " << z;
          ASSERT_GE(section.rv[i], section.epi[i]);
          ASSERT_GT(section.endo[i], 0);
        }
      }
    }
  }
}

TEST(HeartModel, LabelsAgreeWithRadii) {
  const HeartShape shape = draw_heart(7);
  const HeartPhase phase = heart_at(shape, 0);
  const CrossSection section = cross_section(shape, phase, 20);
  const double dx = std::cos(shape.rv_angle), dy = std::sin(shape.rv_angle);
  const auto position = table_position(static_cast<float>(dx), static_cast<float>(dy));
  const auto label_at = [&](double r) {
    return section.label_at(section.x_mm + r * dx, section.y_mm + r * dy);
  };
  const double endo = look_up(section.endo, position), epi = look_up(section.epi, position);
  const double rv = look_up(section.rv, position);
  EXPECT_EQ(label_at(0), kLvc);
  EXPECT_EQ(label_at(endo - 0.1), kLvc);
  EXPECT_EQ(label_at(endo + 0.1), kLvm);
  EXPECT_EQ(label_at(epi - 0.1), kLvm);
  EXPECT_EQ(label_at(epi + 0.1), kRvc);
  EXPECT_EQ(label_at(rv - 0.1), kRvc);
  EXPECT_EQ(label_at(rv + 0.1), 0);
}

TEST(HeartModel, BeyondTheEndsThereIsNoHeart) {
  const HeartShape shape = draw_heart(5);
  const HeartPhase phase = heart_at(shape, 1);
  for (const double z : {phase.z_base_mm - 15, phase.z_apex_mm() + 0.1}) {
    const CrossSection section = cross_section(shape, phase, z);
    EXPECT_FALSE(section.has_lv);
    EXPECT_EQ(section.label_at(section.x_mm, section.y_mm), 0);
  }
}

TEST(HeartModel, ContractionPeaksAtEndSystoleOnly) {
  EXPECT_DOUBLE_EQ(contraction_at(0, 0.35), 0);
  EXPECT_DOUBLE_EQ(contraction_at(0.35, 0.35), 1);
  EXPECT_NEAR(contraction_at(1, 0.35), 0, 1e-12);
  for (double t = 0; t < 1; t += 0.01) {
    EXPECT_GE(contraction_at(t, 0.35), -1e-12);
    if (std::abs(t - 0.35) > 0.005) {
      EXPECT_LT(contraction_at(t, 0.35), 1);
    }
  }
}

}  // namespace dmcvr
