// SPDX-License-Identifier: Apache-2.0
// A map of labels that was given as a picture.
#pragma once

#include "dmcvr/geometry/cine.h"

#include <cstdint>
#include <vector>

namespace dmcvr {

// The values of a picture that has no others than 0 and one to seven whole numbers up to 255, as a
// map of labels does; empty for all other pictures.
std::vector<int64_t> label_values(const Cine& cine);

}  // namespace dmcvr
