// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/contrast.h"

#include "dmcvr/core/random.h"

namespace dmcvr {

Contrast draw_contrast(uint64_t seed) {
  auto generator = make_generator(seed, "contrast");
  const auto draw = [&](double low, double high) {
    return static_cast<float>(uniform(generator, low, high));
  };
  // Muscle is 0.25 to 0.51 of blood, most often near the lower end.
  Contrast contrast;
  const float brighter = draw(0, 1);
  contrast.muscle = contrast.blood * (0.25f + 0.26f * brighter * brighter);
  contrast.fat = -contrast.blood * draw(0.8, 1.3);
  contrast.liver = contrast.muscle * draw(0.9, 1.7);
  contrast.lung = draw(0.04, 0.12);
  return contrast;
}

}  // namespace dmcvr
