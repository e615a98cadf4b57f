// SPDX-License-Identifier: Apache-2.0
// The question that a heart puts which is known everywhere: a phantom's dense truth. Only planes
// between the acquired slices are scored, since acquired ones are copies.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/scores.h"
#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/reconstruction/reconstruct.h"

#include <filesystem>
#include <vector>

namespace dmcvr {

struct DenseTruth {
  Cine image;
  Labels labels;
};

// dense_image.nii.gz and dense_labels.nii.gz of a phantom folder. Throws Error if they are missing.
DenseTruth read_dense_truth(const std::filesystem::path& folder);

// Throws Error if a reconstruction of `film` cannot be scored, since phases or space do not match.
void check_truth(const Cine& film, const DenseTruth& truth);

// The planes of reconstruct() with this spacing (0: the in-plane one) that lie between the slices
// of `study` are asked for. The phases of the truth are those of equal time, or of equal number
// where one side has no times; it is taken at the voxels of those planes. Throws Error if phases or
// space do not match, and where no plane lies between slices.
Contest ask_for_dense(const Study& study, const DenseTruth& truth, double slice_spacing_mm = 0);

// What a finished reconstruction of `study` is worth beside the methods that need no network of
// their own: "nearest" with its labels, pictures of "linear", and `method`, which made it. Throws
// Error as above.
std::vector<VolumeScore> score_dense(const Study& study, const Reconstruction& reconstruction,
                                     const DenseTruth& truth, Method method);

}  // namespace dmcvr
