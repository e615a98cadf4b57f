// SPDX-License-Identifier: Apache-2.0
// The pictures in DICOM files of a folder or an archive, as their headers describe them.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/io/dicom.h"

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
  // DICOM files without a picture in a patient, and derived ones (Siemens' InlineVF, too), which
  // count where there are no others.
  int64_t other_files = 0;
  int64_t damaged_files = 0;
  std::string first_damage;  // what is wrong with the first of them
  std::string digest;        // SHA-256 over names and contents of all DICOM files
};

// Siemens' InlineVF, by the series description: pictures of a film with measures drawn on them.
bool is_drawn_on(const std::string& description);

// By its first bytes.
bool is_dicom_file(const std::filesystem::path& path);

// Shows the wanted files of a folder or an archive, or a DICOM file by itself. Throws Error as
// visit_files does.
void visit_dicom(const std::filesystem::path& path, const ArchiveLimits& limits,
                 const FileVisit& work);

// Reads the headers of all files of a folder or an archive, or of one (multi-frame) file. Throws
// Error as visit_files does, and for an archive in which two different DICOM files
// have one name.
DicomListing list_dicom(const std::filesystem::path& path, const ArchiveLimits& limits = {});

// Whether a folder is that of one patient: one of its first files is a DICOM file, or those in the
// folders in it are, and they are of one examination; a single folder beside several NIfTI files is
// a case among others.
bool is_dicom_subject(const std::filesystem::path& folder);

}  // namespace dmcvr
