// SPDX-License-Identifier: Apache-2.0
// A reconstruction as something to measure: its labels on the acquired slices and on all planes.
#pragma once

#include "dmcvr/measures/heart.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <vector>

namespace dmcvr {

// `film_times_ms`: of all phases that the study had before some were selected; empty where unknown.
LabeledHeart labeled_heart(const Study& study, const Reconstruction& reconstruction,
                           const std::vector<double>& film_times_ms);

// Whether the folder is one that write_reconstruction left.
bool is_reconstruction(const std::filesystem::path& folder);

// The same from such a folder: labels.nii.gz, the planes and phases of run.json, and what
// measures.json, if it is there, knows of body and heart rate. Throws Error, in one line that
// begins with a path, if the files are damaged or do not belong together.
LabeledHeart read_reconstructed_heart(const std::filesystem::path& folder);

}  // namespace dmcvr
