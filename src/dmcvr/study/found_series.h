// SPDX-License-Identifier: Apache-2.0
// A film or stack as it lies in a file, folder or archive, before anybody decides what it is for.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// Something wrong with an input, and what becomes of it.
struct Problem {
  std::string code;       // stable and for programs: "uneven_slices"
  std::string text;       // what was found and what was expected, in one line
  std::string remedy;     // what `reconstruct` does about it, or what the user can do
  bool is_fatal = false;  // true: `reconstruct` refuses
};

struct FoundSeries {
  std::string name;     // file name or series description; never an id of a person
  std::string format;   // "NIfTI", "DICOM"
  std::string view;     // "sax", "2ch", "3ch", "4ch", "lax" (several parallel), "other"
  std::string view_by;  // "geometry", "name": how the view was told
  Grid grid;            // of one phase, in patient coordinates
  // Where the slices lie along the normal, from the first one; empty where the pitch is even.
  std::vector<double> slice_z_mm;
  int64_t phases = 1;
  std::vector<double> times_ms;        // of the phases, from the R wave; empty where unknown
  std::optional<double> thickness_mm;  // of a slice, as the header says
  // Equal for series that share their coordinates; for comparing, not for printing. May be empty.
  std::string frame_of_reference;
  std::vector<Problem> problems;  // seen while it was read
};

}  // namespace dmcvr
