// SPDX-License-Identifier: Apache-2.0
// End-diastole (ED) and end-systole (ES) of a film by the volume of a cavity.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace dmcvr {

// In a film of a beat of at least this many phases, a volume beyond both of its neighbors by more
// than this share of the largest one is no extreme of the beat: near its extremes a ventricle that
// ejects all it can changes by less from phase to phase. It is a basal slice that was taken for
// ventricle in one phase, and for atrium before and after.
constexpr size_t kFewestFilmPhases = 20;
constexpr double kLargestLeap = 0.05;
// Where more than one phase of so many leaps, leaps are what this film is like: then none is an
// outlier.
constexpr size_t kLeastPerOutlier = 5;

struct EndPhases {
  std::optional<size_t> ed, es;  // of largest and smallest volume, of equal ones the first
  std::vector<size_t> outliers;  // phases that were not eligible, rising
};

// cavity_ml: per phase of a film that begins anew after its last one; empty where it is unknown.
// Without two phases of different volume there is no ED and no ES.
EndPhases end_phases(const std::vector<std::optional<double>>& cavity_ml);

}  // namespace dmcvr
