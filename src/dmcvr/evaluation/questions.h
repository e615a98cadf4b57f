// SPDX-License-Identifier: Apache-2.0
// What a protocol gives to methods, as files for programs that are not ours. Their answers come
// back by answer_folder.h.
//
//   CASE.nii.gz     the given slices; 4D, in the order of the phases, for more than one
//   questions.json  protocol, and per case its name, file, phases, and planes: "shape" (columns,
//                   rows, planes), "affine" (4 rows; voxels to RAS millimeters), "given" (the plane
//                   of each given slice, from 0), "asked" (planes), "asked_mm" (how far they lie
//                   behind the first given slice)
#pragma once

#include "dmcvr/evaluation/evaluate.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dmcvr {

constexpr const char* kQuestionsFile = "questions.json";

// Fills an existing folder; nothing that is hidden gets there. A case that fails is named in a
// warning and left out. `networks` find ED and ES where a study does not name them. Returns the
// failed ones; throws Error as check_case_names, and where no case is left.
std::vector<FailedCase> write_questions(const std::vector<std::filesystem::path>& cases,
                                        const std::filesystem::path& folder,
                                        const EvaluateOptions& options,
                                        const MethodNetworks& networks, const OnCase& on_case = {});

}  // namespace dmcvr
