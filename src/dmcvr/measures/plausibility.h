// SPDX-License-Identifier: Apache-2.0
// What does not look like a heart, or was not there to be measured: said beside the numbers, which
// stay as they are.
#pragma once

#include "dmcvr/measures/heart.h"

#include <string>
#include <vector>

namespace dmcvr {

constexpr double kLeastPlausibleEf = 5, kLargestPlausibleEf = 85;  // percent
// Muscle is not lost in a beat. Change from ED to ES, as a share of the mass in ED. The experts'
// labels of ACDC's 100 training patients change by 15 % in the median and by more than this in 23:
// most often the basal slice of ED has left the ventricle in ES, or the other way round.
constexpr double kLargestMassChange = 0.2;
// Of LV and RV cavity in ED, as a share of the volume: experts' labels of ACDC's 100 training
// patients have 16.5 % at most. More says that the stack ends inside the ventricle, or has few
// slices.
constexpr double kLargestCap = 0.2;

// One sentence each: structures that are empty or have gaps, phases that are missing, ejection
// fractions and changes of mass that no heart has, and volumes that lie in the caps.
std::vector<std::string> plausibility_notes(const HeartMeasures& measures);

}  // namespace dmcvr
