// SPDX-License-Identifier: Apache-2.0
// The outlines of one plane across the heart that a picture has and labels do not: the free wall of
// the right ventricle, fat, and how far trabeculae reach into the cavities.
#pragma once

#include "dmcvr/study/heart_model.h"

namespace dmcvr {

constexpr double kApexFatMm = 10;  // the fat closes within this distance below the apex

// What makes one surface differ from another.
struct HeartSurface {
  double roughness = 1;  // of the trabeculae, 1 in the middle
  double pad_angle = 0;  // of the fat that fills the corner beside the apex
  double pad_mm = 0;     // its thickness there; 0: none
};

// Tables over the angle, in mm from the axis.
struct HeartEdges {
  CrossSection section;               // what the labels see; above the base, what it ends in
  CrossSection::Table rv{};           // the RV's cavity, closing above its base
  CrossSection::Table wall{}, fat{};  // outer edges of the RV's free wall and of the fat
  CrossSection::Table left_mm{}, right_mm{};  // reach of the trabeculae
  float left_collar = 1;   // how much of the muscle of the LV is left: 1 below its base, then less
  float right_collar = 1;  // and of the RV
  double largest_mm = 0;
};

HeartEdges heart_edges(const HeartShape& shape, const HeartSurface& surface,
                       const HeartPhase& phase, double z_mm);

}  // namespace dmcvr
