// SPDX-License-Identifier: Apache-2.0
// The studies of a data set: where they lie, and which of them belong to a subset of a split.
#pragma once

#include "dmcvr/study/input_options.h"
#include "dmcvr/study/packed_nifti.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dmcvr {

// The studies below a folder, sorted by name: the folder itself if it is one, else its subfolders,
// archives, NIfTI files, and the pictures of a data set of nnU-Net; where it holds none itself, the
// same of folders up to three levels farther below, as in a whole data set. Studies that lie deeper
// than others are left out, which is said. A file is its own only case, and so is an archive,
// unless it holds NIfTI files of several: "set.zip/patient001", …. Throws Error if there is none in
// the layout that is asked for.
std::vector<std::filesystem::path> find_cases(const std::filesystem::path& path,
                                              const InputOptions& input = {});

// False for a folder or archive of several, and for one that holds none.
bool is_one_study(const std::filesystem::path& path, const InputOptions& input = {});

// Lets `work` read the only study at a place in an archive from where it lies for so long. Throws
// Error for none and for several.
void with_unpacked_study(const PackedPlace& place, const ArchiveLimits& limits,
                         const InputOptions& input,
                         const std::function<void(const std::filesystem::path&)>& work);

// All studies of the inputs (find_cases), in their order. With `split`, a JSON file {"train": [case
// names], "validation": […], …}, those of the named subset alone; an input that has none of them is
// named in a warning. Throws Error for an input without cases, a file without the subset, and a
// case of the subset that no input holds.
std::vector<std::filesystem::path> choose_cases(const std::vector<std::filesystem::path>& inputs,
                                                const std::string& split = "",
                                                const std::string& subset = "",
                                                const InputOptions& input = {});

// Throws Error if one of both is given without the other.
void check_split(const std::string& split, const std::string& subset);

}  // namespace dmcvr
