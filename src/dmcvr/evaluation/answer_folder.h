// SPDX-License-Identifier: Apache-2.0
// Answers that any other program left as NIfTI files, one folder per method.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// What is between the names of files: one folder per method, in it, for a case CASE,
//   CASE.nii.gz and CASE_labels.nii.gz,               of one phase or, 4D, of all that are asked
//   for CASE_PHASE.nii.gz and CASE_PHASE_labels.nii.gz,   one phase each ("ed", "es", "phase03")
//   CASE/volume.nii.gz and CASE/labels.nii.gz,        as dmcvr reconstruct leaves them
// or .nii. A picture or labels may be missing, not both.
struct AnswerFolder {
  std::string method;  // what it is called among the methods
  std::filesystem::path path;
};

// "deeprecon=results/deeprecon". Throws Error for a name that is empty, is not made of letters,
// digits and _ - + ., or belongs to a method of ours, and for a folder that is not there.
AnswerFolder answer_folder_from(const std::string& text);

struct FolderAnswer {
  Answer answer;
  std::vector<InputFile> files;  // that it was read from; names with folders
};

// The files lie anywhere in space and in any orientation, by their headers: pictures are linear
// between voxels, labels those of the nearest one, and whoever writes the planes that were asked
// for is not resampled. What a picture does not cover is as in `linear`, and unlabeled. Pictures
// are in the units of the given slices; a warning tells of one that is much darker. Values of
// labels are what the description in the header says, else 1=LVC 2=LVM 3=RVC.
//
// Throws Error, in one line that begins with the path, for a case without files, files that cannot
// be read, another number of phases, a picture or labels that miss a plane that was asked for, and
// labels without description that are of another order by their shapes.
FolderAnswer read_answer(const AnswerFolder& folder, const std::string& case_name,
                         const Question& question);

}  // namespace dmcvr
