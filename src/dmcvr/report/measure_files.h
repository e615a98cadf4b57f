// SPDX-License-Identifier: Apache-2.0
// What measures leave beside measures.json and .csv:
//
//   segments.csv      wall thickness and thickening in 16 segments
//   bullseye.png      the same as a picture, where anything is known
//   volume_curve.csv  volumes over the beat, where a film has three phases or more
//   volume_curve.png  the same as a picture
#pragma once

#include "dmcvr/measures/heart.h"

#include <filesystem>
#include <vector>

namespace dmcvr {

constexpr size_t kFewestCurvePhases = 3;

// Into a folder that is there; tables have the rows of all hearts, pictures are made of one alone.
// Throws Error if something cannot be written.
void write_measure_files(const std::filesystem::path& folder,
                         const std::vector<HeartMeasures>& hearts);

}  // namespace dmcvr
