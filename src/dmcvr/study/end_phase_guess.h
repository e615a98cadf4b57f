// SPDX-License-Identifier: Apache-2.0
// End-diastole and end-systole of a film by how its pictures change: a guess that needs no network.
// `reconstruct --phases ed,es` finds them by the volume of the ventricle (segmentation/phases.h).
#pragma once

#include "dmcvr/geometry/cine.h"

#include <cstdint>
#include <optional>

namespace dmcvr {

struct GuessedEndPhases {
  int64_t ed = 0, es = 0;  // frames, from 0
};

// A film begins at the R wave, which is near end-diastole: ES is the frame that differs most from
// the first one, and ED the one that differs most from ES, where pictures change most: in the
// twentieth of the pixels in the middle of the field of view and of the stack whose values vary
// most over time. Nothing for fewer than 8 phases, and where nothing moves.
std::optional<GuessedEndPhases> guess_end_phases(const Cine& cine);

}  // namespace dmcvr
