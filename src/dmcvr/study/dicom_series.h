// SPDX-License-Identifier: Apache-2.0
// Pictures of many DICOM files, in any order and under any names -> stacks: slices along the
// normal, phases in time.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/io/archive.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/study/found_series.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// One frame of one file.
struct DicomPicture {
  std::string file;   // its name below the folder or in the archive; not for printing
  int64_t frame = 0;  // in the file
  DicomFrame place;
  int64_t columns = 0, rows = 0;
  std::string study_uid, series_uid, frame_of_reference, description;
  int64_t series_number = 0, instance_number = 0;
};

struct DicomListing {
  std::vector<DicomPicture> pictures;
  int64_t patients = 0;  // different ones
  // DICOM files without a picture in a patient, and derived ones, which count where there are no
  // others.
  int64_t other_files = 0;
  int64_t damaged_files = 0;
  std::string first_damage;  // what is wrong with the first of them
  std::string digest;        // SHA-256 over names and contents of all DICOM files
};

// By its first bytes.
bool is_dicom_file(const std::filesystem::path& path);

// Reads the headers of all files of a folder or an archive, or of one (multi-frame) file. Throws
// Error as visit_files does.
DicomListing list_dicom(const std::filesystem::path& path, const ArchiveLimits& limits = {});

// Pictures of one examination, direction, size and pixel spacing, one above the other.
struct DicomStack {
  FoundSeries series;
  std::vector<std::vector<DicomPicture>>
      slices;  // along the normal; each of series.phases pictures
};

// Groups by direction (1e-3), place across the normal (1 mm), matrix, pixel spacing, and frame of
// reference or series; orders slices by position along the normal and phases by trigger time, else
// temporal position, acquisition time, or number, the first that tells all pictures of a slice
// apart. What was put right is in series.problems:
// - repeated_slice: a slice was acquired more than once; the last series counts;
// - missing_phases: a slice has another number of phases than most; those nearest in time are
// taken;
// - incomplete_slice: it has less than half of them and is left out, which leaves a gap inside;
// Views are not told yet (view_kind.h). In the order of series numbers.
std::vector<DicomStack> dicom_stacks(const std::vector<DicomPicture>& pictures);

// The pixels of some of the stacks, in one pass over the files. Throws Error, in one line that
// begins with the path, for a picture that cannot be decoded.
std::vector<Cine> read_dicom_stacks(const std::filesystem::path& path,
                                    const std::vector<DicomStack>& stacks,
                                    const ArchiveLimits& limits = {});

// Whom the pictures of a stack show. Throws Error as above.
DicomIdentity identity_of_stack(const std::filesystem::path& path, const DicomStack& stack,
                                const ArchiveLimits& limits = {});

// Whether a folder is that of one patient: one of its first files is a DICOM file, or those in the
// folders in it are, and they are of one patient.
bool is_dicom_subject(const std::filesystem::path& folder);

}  // namespace dmcvr
