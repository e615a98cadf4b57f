// SPDX-License-Identifier: Apache-2.0
// The wall of the left ventricle as a bull's-eye: 16 segments (Cerqueira et al., Circulation
// 2002;105:539) with their values and a scale of colors. Base outside, apex inside, the anterior
// wall above, the septum on the left.
#pragma once

#include "dmcvr/figures/picture.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct BullseyePlate {
  std::string name;                              // "end-diastole"
  std::string unit;                              // "mm"
  std::array<std::optional<double>, 16> values;  // segment n at [n - 1]; empty: gray
  double low = 0, high = 1;                      // of the colors; beyond them the last ones
  int decimals = 1;
};

struct BullseyeOptions {
  int64_t side_px = 420;  // of a plate

  void check() const;  // throws Error
};

// The plates side by side. Same content, same pixels.
Picture bullseye(const std::string& title, const std::vector<BullseyePlate>& plates,
                 const BullseyeOptions& options = {});

// The segment, from 0, at an offset from the middle of a plate of radius 1; nothing outside and in
// the apical cap. Quarters of the radius are cap, apical, mid and basal.
std::optional<size_t> bullseye_segment(double right, double down);

}  // namespace dmcvr
