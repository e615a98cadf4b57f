// SPDX-License-Identifier: Apache-2.0
// Smooth random values in space, for tissue that is not perfectly even.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace dmcvr {

// Gaussian values on a periodic lattice of 32^3 points, linear between them.
class Texture {
 public:
  Texture(uint64_t seed, std::string_view purpose);

  // About mean 0 and deviation 1 at lattice points. One unit of x, y, z is one lattice step.
  float operator()(float x, float y, float z) const;

 private:
  std::vector<float> values_;
};

}  // namespace dmcvr
