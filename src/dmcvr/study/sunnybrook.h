// SPDX-License-Identifier: Apache-2.0
// Patients of the Sunnybrook Cardiac Data: a folder with DICOM films and, in a folder whose name
// begins with "contours", the experts' contours of the left ventricle as text files of x y pairs in
// pixels, IM-0001-0048-icontour-manual.txt (endocardium) and …-ocontour-… (epicardium). The last
// number is that of the picture: its instance number, where those are all different and every
// contour finds its picture, else the number that its file's name ends in. Radau et al., Evaluation
// framework for algorithms segmenting short axis cardiac MRI, MIDAS Journal 2009.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/study/study.h"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace dmcvr {

bool is_sunnybrook_patient(const std::filesystem::path& folder);

// The whole film; of the phases with contours the two with the most are "ed" and "es", ED that of
// the larger cavity. Inside the endocardium is LVC, between both contours LVM. The right ventricle
// was never drawn, LVM only in phases where every slice with an endocardium has an epicardium as
// well, and other phases not at all: Study::drawn says so. Contours of other phases are left out,
// with a warning. Throws Error, in one line that begins with a path, as read_dicom_study, for
// contours that cannot be read, lead out of the picture, or belong to no picture of the short axis.
Study read_sunnybrook_patient(const std::filesystem::path& folder,
                              const ArchiveLimits& limits = {});

// Pixels [H, W] whose centers, at whole numbers from 0, lie inside a closed polygon of (x, y)
// corners, by the even-odd rule; bool.
torch::Tensor polygon_mask(const std::vector<std::array<double, 2>>& corners, int64_t rows,
                           int64_t columns);

}  // namespace dmcvr
