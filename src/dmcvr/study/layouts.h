// SPDX-License-Identifier: Apache-2.0
// Files and folders as data sets lay them out -> studies.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/study/input_options.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// One subject, in the layout that is asked for, or in the first of these that it has:
// - phantom: a folder that write_phantom left: its sparse film with labels, its long-axis views,
// and
//   the names of ED and ES;
// - acdc, mnms, mnms2: a patient's folder of ACDC (acdc.h), M&Ms or M&Ms-2 (mnms.h): phases "ed"
//   and "es" in time order, with their labels where both have them;
// - ukb: an archive of UK Biobank, and that of the long axis beside it (ukb.h);
// - sunnybrook: DICOM films with experts' contours (sunnybrook.h);
// - nnunet: a picture of a data set of nnU-Net (nnunet.h);
// - pairs: a NIfTI file with a map of its labels beside it (pairs.h);
// - nifti: a NIfTI file of one phase (3D) or a film (4D): phases "phase00", "phase01", …; no
// labels;
// - dicom: films in a folder, zip, tar or multi-frame file (dicom_study.h).
// A path may lead into a zip or tar of NIfTI files, "set.zip/patient001", or to one that holds a
// single study (packed_nifti.h). Throws Error, in one line that begins with the path, for anything
// else, for pictures that cannot be read, have a single slice or are empty, and for frames on
// different grids.
Study read_study(const std::filesystem::path& path, const ArchiveLimits& limits = {},
                 const InputOptions& input = {});

// The film that the study's phases were taken from, whole and without labels, "ed" and "es" named
// where they are known; nothing where no file has more frames than read_study gives.
std::optional<Study> read_film(const std::filesystem::path& path, const InputOptions& input = {});

// Whether read_study takes the folder.
bool is_subject_folder(const std::filesystem::path& path, const InputOptions& input = {});

// The layout of a file or folder, one of layout_words(); "" if it has none that is asked for.
std::string layout_of(const std::filesystem::path& path, const InputOptions& input = {});

// What was expected, in the words of the layout that is asked for, or of all.
std::string expected_layout(const InputOptions& input);

// What a case is called: file or folder name without folders, endings (.nii.gz, .zip, .tar.gz, …)
// and trailing slash; of nnU-Net without the channel. Where the name would tell a participant's id
// and ids are not kept, ukb_case_name, which reads the file.
std::string case_name(const std::filesystem::path& path);
// Whether it has to read the file for that.
bool is_named_by_content(const std::filesystem::path& path);

// Of files that came after a study was read, such as experts' labels.
enum class LaterFiles { count, pass };

// Whether the study would be read from these files today, as they stand in Study::inputs, and,
// unless they pass, from no others: it is read to find out. Files that are not read with it may be
// among them where they lie in the folder. False for what cannot be read.
bool has_inputs(const std::filesystem::path& path, const std::vector<InputFile>& inputs,
                const ArchiveLimits& limits = {}, const InputOptions& input = {},
                LaterFiles later = LaterFiles::count);

bool is_phantom(const std::filesystem::path& path);

}  // namespace dmcvr
