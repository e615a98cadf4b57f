// SPDX-License-Identifier: Apache-2.0
// Images and labels in NIfTI files (.nii, .nii.gz), versions 1 and 2. Headers are believed only as
// far as the bytes of the file bear them out.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/io/nifti_header.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dmcvr {

// The header alone, checked as for reading. Throws Error as below.
NiftiHeader read_nifti_header(const std::filesystem::path& path);

// When each phase was taken; empty for one phase, and where the header names no unit of time or no
// step.
std::vector<double> phase_times_ms(const NiftiHeader& header);

// An image of two to four dimensions: missing ones have one slice, one phase. Stored values are
// scaled by slope and intercept (a slope of 0, or one that is not finite, means none) and become
// float32. times_ms comes from the phase spacing where the header names a unit of time. Throws
// Error, in one line that begins with the path, for a missing file, a damaged or cut-off file, a
// kind of file that is not read, shear, and voxels that are not finite numbers.
Cine read_nifti(const std::filesystem::path& path);

// A label image, of any stored type, with values that `table` names, or 0. Throws Error as above,
// for values that are not whole, and for values that the table lacks.
Labels read_nifti_labels(const std::filesystem::path& path, const LabelTable& table);

struct NiftiWriteOptions {
  std::string descrip;            // up to 79 bytes of text; labels: the table, unless given
  int64_t compression_level = 4;  // of .nii.gz: 1 (fast) to 9 (small)
  std::vector<double> times_ms;   // of the phases of labels, which have none themselves

  void check() const;
};

// Writes .nii, or .nii.gz compressed, by the name; complete or not at all; the same bytes for the
// same input. One phase gives a 3D file. Images are float32, or int16 where that loses nothing;
// labels are uint8. Both sform and qform are set; the grid is rounded to float32, which is what the
// format holds. The phase spacing in the header is the mean one.
void write_nifti(const std::filesystem::path& path, const Cine& cine,
                 const NiftiWriteOptions& options = {});
void write_nifti(const std::filesystem::path& path, const Labels& labels,
                 const NiftiWriteOptions& options = {});

// Writes the same file phase by phase, so that a film need not lie in memory. It is always float32,
// since the voxels to come may need it, and appears at finish().
class NiftiFilm {
 public:
  NiftiFilm(const std::filesystem::path& path, const Grid& grid, int64_t phase_count,
            const std::vector<double>& times_ms, const NiftiWriteOptions& options = {});
  ~NiftiFilm();
  NiftiFilm(const NiftiFilm&) = delete;
  NiftiFilm& operator=(const NiftiFilm&) = delete;

  void add(const torch::Tensor& voxels);  // the next phase, [D, H, W]. Throws Error: a full disk
  void finish();                          // after all phases

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dmcvr
