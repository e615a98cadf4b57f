// SPDX-License-Identifier: Apache-2.0
// End-diastole and end-systole of a film that does not name them.
#pragma once

#include "dmcvr/segmentation/locate.h"

#include <string>
#include <vector>

namespace dmcvr {

// Whether `names` asks for "ed" or "es" and the film, of more than one phase, names no such phase.
// If so, throws Error for other names that the film lacks, before any work is done.
bool asks_for_end_phases(const Study& study, const std::vector<std::string>& names);

// Expected volume of the LV cavity in milliliters, one per phase: the sum of its probabilities over
// all slices of the patch around center_mm (world).
std::vector<double> cavity_volumes_ml(const Study& study, const Point& center_mm,
                                      Segmenter& segmenter, int64_t batch_mib,
                                      const OnProgress& on_progress = {});

// The film with its phase of largest cavity named "ed" and that of smallest "es", outliers apart
// (geometry/end_phases.h). Throws Error if all volumes are equal, since then no heart beats there.
Study name_end_phases(const Study& study, const std::vector<double>& cavity_ml);

// All of it: the heart is located in the first phase, and its cavity measured in every one. Throws
// Error where no heart is found or none beats.
Study name_end_phases(const Study& study, Segmenter& segmenter, const LocateOptions& options,
                      int64_t batch_mib, const OnProgress& on_progress = {});

}  // namespace dmcvr
