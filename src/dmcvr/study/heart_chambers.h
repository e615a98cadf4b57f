// SPDX-License-Identifier: Apache-2.0
// What lies above the ventricles, and the bars of muscle that cross the right one. They are seen
// in pictures; labels do not know them.
#pragma once

#include "dmcvr/study/heart_model.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dmcvr {

// A thick line in a plane, in mm from the axis of the LV; a disk where both ends are one.
struct Bar {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  double radius_mm = 1;
  float depth_mm(double x, double y) const;  // below the edge; negative outside
};

enum class Chamber { left_atrium, right_atrium, aorta, pulmonary_trunk };
constexpr std::size_t kChambers = 4;

// Atria and great vessels begin as wide as the valves they stand on, swell, and close at their far
// end.
class HeartChambers {
 public:
  HeartChambers(uint64_t seed, const HeartShape& shape);

  struct Disk {
    Chamber chamber;
    Bar bar;
  };
  // Those that a plane across the axis meets.
  std::vector<Disk> at(const HeartPhase& phase, double z_mm) const;

  // From the axis toward the aorta, in the heart's frame.
  double aorta_angle() const { return aorta_angle_; }

  // Trabeculae of the RV and the moderator band, from its free wall inward.
  std::vector<Bar> right_bars(const CrossSection& section, const HeartPhase& phase,
                              double z_mm) const;

 private:
  struct Tube {
    double valve_x = 0, valve_y = 0;  // its center there, from the axis
    double x = 0, y = 0;              // and farther up
    double radius_mm = 20;            // where it is widest
    double reach_mm = 50;             // above its valve, where it ends
    double widest = 0.35;             // as a share of the reach
    double filling = 0;               // relative growth of the radius until ES
    bool is_right = false;            // stands on the base of the RV
  };

  struct Trabecula {
    double angle = 0;
    double begin = 0, end = 1;  // along z, as shares of the LV's length
    double inward = 0.4;        // how far it reaches through the gap
    double radius_mm = 1.5;
    double slant = 0;
  };

  HeartShape shape_;
  double aorta_angle_ = 0;
  std::array<Tube, kChambers> tubes_;
  std::vector<Trabecula> trabeculae_;
};

}  // namespace dmcvr
