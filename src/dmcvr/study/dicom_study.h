// SPDX-License-Identifier: Apache-2.0
// DICOM films of one heart -> a study: the short axis, and the long-axis views beside it.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/study/dicom_stacks.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <vector>

namespace dmcvr {

// The stacks of a folder, zip or tar with their views told (view_kind.h). Throws Error, in one line
// that begins with the path, if there is none, and for pictures of several patients.
std::vector<DicomStack> find_dicom_stacks(const DicomListing& listing,
                                          const std::filesystem::path& path);

// Files of one patient in one folder or archive.
struct DicomPlace {
  std::filesystem::path path;
  DicomListing listing;
  std::vector<Problem> problems = {};  // of what lies around the files, such as a manifest
};

// Those, and files that are damaged.
std::vector<Problem> problems_of(const DicomPlace& place);

// The stacks of each place, their views told beside each other. Of a place with several
// examinations the one with the short axis counts. Throws Error as above, and where another has
// half as many pictures along it.
std::vector<std::vector<DicomStack>> find_dicom_stacks(const std::vector<DicomPlace>& places);

struct DicomStudy {
  Study study;     // without inputs
  DicomStack sax;  // its short axis, as it lies in the files
};

// The study of places of one patient, of which the first holds the short axis. Throws Error as
// read_dicom_study.
DicomStudy read_dicom_places(const std::vector<DicomPlace>& places, const std::string& name,
                             const ArchiveLimits& limits = {});

// The study of a folder, at any depth, or of a zip or tar. Phases are "phase00", "phase01", …;
// there are no labels. Of a stack of parallel long-axis slices the three in its middle become
// views, "lax1" to "lax3"; a second film of a view is "4ch_2". Views whose phases do not fit those
// of the short axis are left out, which is said, as is all that was put right (dicom_stacks.h).
// Throws Error as above, without a short axis, and as check_stack does.
Study read_dicom_study(const std::filesystem::path& path, const ArchiveLimits& limits = {});

// Whether the study's pictures came from DICOM files, whatever the layout around them.
bool comes_from_dicom(const Study& study);

// Whom the short axis of that study shows. Throws Error as above.
DicomIdentity identity_of_study(const std::filesystem::path& path,
                                const ArchiveLimits& limits = {});

}  // namespace dmcvr
