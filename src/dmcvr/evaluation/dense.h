// SPDX-License-Identifier: Apache-2.0
// How close a reconstruction comes to a heart that is known everywhere: a phantom's dense truth.
// Only generated planes are scored, since acquired ones are copies.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/reconstruction/reconstruct.h"

#include <filesystem>
#include <map>
#include <string>
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

// Means over the phases.
struct DenseScore {
  std::string method;              // "nearest", "linear", "dmcvr"
  std::map<int64_t, double> dice;  // 3D, by label; empty for methods without labels
  // dB, inside the box of the true labels grown by 10 pixels; both images clipped to [0, p98] of
  // the acquired planes and divided by p98.
  double psnr = 0;
};

// `nearest` repeats the nearest acquired slice and its labels, `linear` mixes the two around. The
// phases of the truth are those of equal time, or of equal number where one side has no times. The
// truth is taken at the voxels of the reconstruction. Throws Error if phases or space do not match.
std::vector<DenseScore> score_dense(const Reconstruction& reconstruction, const DenseTruth& truth);

// A table, a line per method under a line of headings.
std::vector<std::string> score_table(const std::vector<DenseScore>& scores);

}  // namespace dmcvr
