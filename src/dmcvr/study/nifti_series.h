// SPDX-License-Identifier: Apache-2.0
// A NIfTI file as a series, from its header alone.
#pragma once

#include "dmcvr/study/found_series.h"

#include <filesystem>

namespace dmcvr {

// With the problems of its header (header_problems) and of its geometry (series_checks.h). A
// header that cannot be read gives a series of one fatal problem. The view is told by the words of
// known layouts in the name ("lax_2ch", "_LA_ED"), else a stack of slices is "sax" and a single one
// "other".
FoundSeries nifti_series(const std::filesystem::path& path);

}  // namespace dmcvr
