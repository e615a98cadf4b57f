// SPDX-License-Identifier: Apache-2.0
// Anybody's labels as something to measure.
#pragma once

#include "dmcvr/measures/heart.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// One heart from a folder:
// - an output of dmcvr reconstruct: acquired slices and the dense heart;
// - a phantom: its slices and its dense truth;
// - a subject of ACDC, M&Ms or M&Ms-2: the expert labels of ED and ES, height and weight.
// Throws Error, in one line that begins with the path, for other folders and those without labels.
LabeledHeart read_labeled_folder(const std::filesystem::path& folder);

// One heart from label maps (NIfTI): one file of one phase or of a film, or several files of one
// phase each on one grid. A phase is named after its file, "ed" or "es" if that is a word of the
// file's name ("001_SA_ED_gt"); in a film phase00, phase01, …. Phases of a film without any label
// are left out, with a note. labels.nii.gz in an output of dmcvr reconstruct stands for that
// output.
//
// `order` is what label_table_from takes; if empty, the description in the header decides if it
// names the labels, else 1=LVC 2=LVM 3=RVC is assumed, and refused if the shapes say otherwise.
// Throws Error, in one line that begins with a path, for files that cannot be read, are no label
// maps, hold values that the order lacks, or lie on different grids.
LabeledHeart read_label_maps(const std::vector<std::filesystem::path>& files,
                             const std::string& order = "");

// The folders that read_labeled_folder takes: the folder itself, else those in it, else those up to
// three levels farther below, sorted by name.
// Throws Error if there is none.
std::vector<std::filesystem::path> find_labeled_folders(const std::filesystem::path& folder);

}  // namespace dmcvr
