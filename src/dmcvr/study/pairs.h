// SPDX-License-Identifier: Apache-2.0
// A picture or film as NIfTI with a map of its labels beside it: x.nii.gz with x_gt, x_seg, x_label
// or x_labels (.nii.gz, .nii). What the values of the map mean is told, in this order, by the user,
// by x_gt.json beside it, {"labels": …} as nnU-Net or dmcvr writes it, and by the description in
// its header, "1=LVC 2=LVM 3=RVC". Nothing is guessed.
#pragma once

#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace dmcvr {

// Values of a label file -> label_table(); those that are none of it become 0.
struct LabelMeaning {
  std::map<int64_t, int64_t> label_of;
  std::set<int64_t> drawn;  // the labels that the file can have
};

// From {"LV cavity": 1, "MYO": 2, …}, {"1": "LV cavity", …} or [{"value": 1, "name": "LVC"}, …].
// Names are those that the field uses for LVC, LVM and RVC, in upper or lower case; others are
// other structures, and lists of values are unions of what is named elsewhere. Throws Error where
// none of the three is named, or a value twice.
LabelMeaning label_meaning(const nlohmann::json& names);
LabelMeaning label_meaning(const LabelTable& table);

// Labels of label_table() from a file with such values. Throws Error as read_nifti_labels.
Labels read_labels(const std::filesystem::path& path, const LabelMeaning& meaning);

// Takes the labels and what of them was drawn into the study. Throws Error for another grid or
// number of phases than its picture.
void add_labels(Study& study, const std::filesystem::path& path, const LabelMeaning& meaning);

// The map of labels beside a picture; empty if there is none. Throws Error for two.
std::filesystem::path labels_beside(const std::filesystem::path& picture);
// By its name, a map of labels, whatever is beside it.
bool is_label_name(const std::filesystem::path& path);

bool is_pair(const std::filesystem::path& picture);

// `study` is the picture, read. Labels that do not say what they mean are left out with a warning,
// or, where the layout was asked for (`is_sure`), an Error.
void add_paired_labels(Study& study, const std::filesystem::path& picture,
                       const std::string& labels_are, bool is_sure);

}  // namespace dmcvr
