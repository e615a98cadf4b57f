// SPDX-License-Identifier: Apache-2.0
// The dense heart for PACS and DICOM viewers:
//
//   volume/PHASE_PLANE.dcm  a derived MR series, a file per phase and plane
//   labels.dcm              its structures, a segmentation that refers to these pictures
//
// Nothing in them names a person or a day: the patient is "Anonymous" with an id of the input's
// SHA-256, and all UIDs are made of checksums, so that the same reconstruction gives the same bytes
// and reconstructions of one input share study and frame of reference. What the user asks to keep
// goes before that.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/io/dicom.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <optional>

namespace dmcvr {

struct DicomFileOptions {
  std::optional<DicomIdentity> identity;  // whom the files name; empty: nobody
};

// Into `folder`, which exists. Voxels are int16: acquired ones come back exactly where all of them
// are whole numbers that span no more than 65535, others within 1/131070 of the range. Without a
// labeled voxel there is no labels.dcm. Progress counts pictures. Throws Error for pictures that
// are too large for the format, and when a file cannot be written.
void write_dicom(const std::filesystem::path& folder, const Study& study,
                 const Reconstruction& reconstruction, const DicomFileOptions& options = {},
                 const OnProgress& on_progress = {});

}  // namespace dmcvr
