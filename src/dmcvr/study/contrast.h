// SPDX-License-Identifier: Apache-2.0
// How bright tissues are in a balanced steady-state (bSSFP) picture.
#pragma once

#include <cstdint>

namespace dmcvr {

// Signals, 0.7 for blood. Fat and water point in opposite directions half a repetition time after
// the pulse, so that a pixel that holds both is dark: the black lines around what lies in fat. Fat
// is negative here, and the scanner shows magnitudes.
struct Contrast {
  float air = 0;
  float lung = 0.05f;
  float muscle = 0.2f;
  float fat = -0.7f;
  float liver = 0.25f;
  float blood = 0.7f;
};

// Contrasts differ between scanners, flip angles and hearts: around those above, by seed.
Contrast draw_contrast(uint64_t seed);

}  // namespace dmcvr
