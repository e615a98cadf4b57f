// SPDX-License-Identifier: Apache-2.0
// What the readers of all layouts share: names of files, and files of single phases joined to one
// study.
#pragma once

#include "dmcvr/study/study.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// By its name: .nii or .nii.gz.
bool is_nifti(const std::filesystem::path& path);
bool ends_with(const std::string& text, const std::string& ending);
// False for what may not be looked at.
bool is_file(const std::filesystem::path& path);
std::string without_nifti_ending(const std::string& name);

// The NIfTI files of a folder whose names without .nii or .nii.gz end so, sorted. The rest of the
// name is free: a copy of a subject's folder may have another name than its files. Hidden files do
// not count, and a folder that may not be entered has none.
std::vector<std::filesystem::path> files_ending_with(const std::filesystem::path& folder,
                                                     const std::string& ending);
// The only one; empty if there is none. Throws Error for two.
std::filesystem::path file_ending_with(const std::filesystem::path& folder,
                                       const std::string& ending);

// With `*` for a participant's id in its name.
InputFile input_file(const std::filesystem::path& path);

// Throws Error, in one line that begins with the path, for what no reconstruction can start from:
// a single slice, slices of a few pixels, strange pixel sizes, an empty phase.
void check_stack(const Cine& cine, const std::filesystem::path& path);

// Throws Error, in one line that begins with the path of the labels and says what differs, for
// labels that are not of the voxels and phases of the picture.
void check_labels_of(const Cine& picture, const Labels& labels, const std::filesystem::path& path);

// Phases in the order of the film, named by it.
void number_phases(Study& study);

// The number that a text says, all of it; nothing for other text and what is not finite.
std::optional<double> number_in(const std::string& text);

// One phase that lies in files of its own.
struct PhaseFile {
  std::string name;             // "ed"
  int64_t frame = -1;           // in its film, from 0; -1: unknown
  std::filesystem::path image;  // of one phase
  std::filesystem::path truth;  // its labels; empty: none
};

// Sets pictures, names, frames (where all are known), inputs, and labels where all phases have
// them. Throws Error for phases on different grids.
void join_phases(Study& study, const std::vector<PhaseFile>& phases, const LabelTable& table);

// The folders in `folder` that are wanted; where there is none, all that lie up to three levels
// farther below, none inside another. Sorted. Hidden folders and those that may not be entered hold
// nothing. Those that are not given since they lie deeper than others go into `passed_over`.
std::vector<std::filesystem::path> folders_below(
    const std::filesystem::path& folder,
    const std::function<bool(const std::filesystem::path&)>& is_wanted,
    std::vector<std::filesystem::path>* passed_over = nullptr);

}  // namespace dmcvr
