// SPDX-License-Identifier: Apache-2.0
// The rough inner surface of a ventricle: bars of muscle between which blood stands. They run along
// the ventricle, so that a short-axis picture shows them as teeth and islands at the edge of the
// cavity. Labels count them to the cavity.
#pragma once

#include "dmcvr/study/texture.h"

#include <cstdint>
#include <string_view>

namespace dmcvr {

class Trabeculae {
 public:
  // `around`: how many bars stand side by side in a turn, about; 32 or a multiple of it.
  Trabeculae(uint64_t seed, std::string_view purpose, int64_t around);

  struct Place {
    float x_mm = 0, y_mm = 0;  // from the axis, on the moving wall
    float z_mm = 0;            // along the ventricle, on the moving wall
    float turn = 0;            // the angle as a share of a full turn, on the moving wall
    float depth_mm = 0;        // inside the edge of the cavity
  };

  // How much of a place is muscle, 0 to 0.9: much at the edge, nothing about `reach_mm` inside of
  // it and deeper: a quarter of that in places, 1.8 times in others.
  float muscle_at(const Place& place, float reach_mm) const;

 private:
  Texture texture_;
  float around_ = 64;
};

}  // namespace dmcvr
