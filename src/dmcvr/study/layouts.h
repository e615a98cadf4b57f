// SPDX-License-Identifier: Apache-2.0
// Files and folders as data sets lay them out -> studies.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// One subject:
// - a NIfTI file of one phase (3D) or a film (4D): phases "phase00", "phase01", …; no labels;
// - a patient's folder of ACDC (acdc.h), M&Ms or M&Ms-2 (mnms.h): phases "ed" and "es" in time
//   order, with their labels where both have them;
// - a folder that write_phantom left: its sparse film with labels, its long-axis views, and the
//   names of ED and ES;
// - DICOM films in a folder, zip, tar or multi-frame file (dicom_study.h).
// Throws Error, in one line that begins with the path, for anything else, for pictures that cannot
// be read, have a single slice or are empty, and for frames on different grids.
Study read_study(const std::filesystem::path& path, const ArchiveLimits& limits = {});

// The film that the study's phases were taken from, whole and without labels, "ed" and "es" named
// where they are known; nothing where no file has more frames than read_study gives.
std::optional<Study> read_film(const std::filesystem::path& path);

// Whether read_study takes the folder.
bool is_subject_folder(const std::filesystem::path& path);

// The studies below a folder, sorted by name: the folder itself if it is one, else its subfolders,
// archives and NIfTI files that are; where it holds none itself, the subjects' folders up to three
// levels farther below, as in a whole data set. A file is its own only case. Throws Error if there
// is none.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& path);

// File or folder name without folders, endings (.nii.gz, .zip, .tar.gz, …) and trailing slash: what
// a case is called.
std::string case_name(const std::filesystem::path& path);

bool is_phantom(const std::filesystem::path& path);

}  // namespace dmcvr
