// SPDX-License-Identifier: Apache-2.0
// Pictures of many DICOM files, in any order and under any names -> stacks: slices along the
// normal, phases in time.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/io/archive.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/study/dicom_pictures.h"
#include "dmcvr/study/found_series.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace dmcvr {

// Pictures of one examination, direction, size and pixel spacing, one above the other.
struct DicomStack {
  FoundSeries series;
  std::vector<std::vector<DicomPicture>>
      slices;  // along the normal; each of series.phases pictures
};

// Stacks of what belongs together (dicom_groups.h); orders slices by position along the normal and
// phases by trigger time, else temporal position, acquisition time, or number, the first that tells
// all pictures of a slice apart. What was put right is in series.problems:
// - repeated_slice: a slice was acquired more than once; the last series counts;
// - missing_phases: a slice has another number of phases than most; those nearest in time are
// taken;
// - incomplete_slice: it has less than half of them and is left out, which leaves a gap inside;
// - mixed_grids: slices of another matrix, pixel spacing or place across the normal are resampled
// onto the grid of most, 0 beyond their field of view.
// Views are not told yet (view_kind.h). In the order of series numbers.
std::vector<DicomStack> dicom_stacks(const std::vector<DicomPicture>& pictures);

// From pixels of a slice of the grid to those of a picture that lies in it; nothing where they are
// the same.
std::optional<PlaneAffine> picture_from_grid(const DicomPicture& picture, const Grid& grid);

// The pixels of some of the stacks, in one pass over the files. Throws Error, in one line that
// begins with the path, for a picture that cannot be decoded.
std::vector<Cine> read_dicom_stacks(const std::filesystem::path& path,
                                    const std::vector<DicomStack>& stacks,
                                    const ArchiveLimits& limits = {});

// Whom the pictures of a stack show. Throws Error as above.
DicomIdentity identity_of_stack(const std::filesystem::path& path, const DicomStack& stack,
                                const ArchiveLimits& limits = {});

}  // namespace dmcvr
