// SPDX-License-Identifier: Apache-2.0
// Files and folders as data sets lay them out -> studies.
#pragma once

#include "dmcvr/study/study.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// One subject:
// - a NIfTI file of one phase (3D) or a film (4D): phases "phase00", "phase01", …; no labels;
// - a patient folder of ACDC: Info.cfg with ED, ES, Height, Weight, and NAME_frameXX.nii.gz of
//   those two phases with their labels NAME_frameXX_gt.nii.gz where they are; phases "ed" and "es"
//   in time order;
// - a folder that write_phantom left: its sparse film with labels, its long-axis views, and the
//   names of ED and ES.
// Throws Error, in one line that begins with the path, for anything else, for pictures that cannot
// be read, have a single slice or are empty, and for frames on different grids.
Study read_study(const std::filesystem::path& path);

// The studies below a folder, sorted by name: the folder itself if it is one, else its subfolders
// and NIfTI files that are. A file is its own only case. Throws Error if there is none.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& path);

// File or folder name without folders, endings and trailing slash: what a case is called.
std::string case_name(const std::filesystem::path& path);

bool is_phantom(const std::filesystem::path& path);

}  // namespace dmcvr
