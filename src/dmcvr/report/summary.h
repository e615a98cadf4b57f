// SPDX-License-Identifier: Apache-2.0
// What a reader wants to know at a glance: how large each structure is in each phase.
#pragma once

#include "dmcvr/reconstruction/reconstruct.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

// Milliliters of a label in every phase. The planes of a dense grid end at the centers of the
// outermost acquired slices; as in a sum of disks over the acquired slices, each end is held
// constant over half a pitch, so that a cylinder has its true volume.
std::vector<double> label_volumes_ml(const Reconstruction& reconstruction, int64_t label);

// "ed: LVC 142 ml, LVM 98 ml, RVC 160 ml", one line per phase.
std::vector<std::string> summary_lines(const Reconstruction& reconstruction);

}  // namespace dmcvr
