// SPDX-License-Identifier: Apache-2.0
// Measures on disk: .json in full, .csv with one row per heart.
#pragma once

#include "dmcvr/measures/heart.h"

#include <filesystem>
#include <vector>

namespace dmcvr {

// What a JSON holds: the one heart as measures_json gives it, or any number as "cases" of an
// object.
enum class MeasuresLayout { one, cases };

// By the ending of the name: JSON; or CSV, a header and a row per heart. The file appears complete
// or not at all. Throws Error for other endings and where the file cannot be written.
void write_measures(const std::filesystem::path& path, const std::vector<HeartMeasures>& hearts,
                    MeasuresLayout layout = MeasuresLayout::one);

// To be called before any work. Throws Error for a name that does not end in .json or .csv, for a
// folder that is missing or not writable, and for a file that is there if `replace` is false or if
// write_measures did not make it.
void check_measures_file(const std::filesystem::path& path, bool replace);

}  // namespace dmcvr
