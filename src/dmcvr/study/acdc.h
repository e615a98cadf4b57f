// SPDX-License-Identifier: Apache-2.0
// Patients as ACDC lays them out: Info.cfg with ED, ES (frames, from 1), Height (cm) and Weight
// (kg), NAME_frameXX.nii.gz of those two phases, NAME_frameXX_gt.nii.gz with 1 RVC, 2 LVM, 3 LVC
// where they were labeled, and the film NAME_4d.nii.gz.
#pragma once

#include "dmcvr/study/study.h"

#include <filesystem>
#include <optional>

namespace dmcvr {

bool is_acdc_patient(const std::filesystem::path& folder);

// ED and ES in time order; without a name. Throws Error for what is missing.
Study read_acdc_patient(const std::filesystem::path& folder);

// The whole film without labels, if there is one; without a name.
std::optional<Study> read_acdc_film(const std::filesystem::path& folder);

}  // namespace dmcvr
