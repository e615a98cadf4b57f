// SPDX-License-Identifier: Apache-2.0
// Subjects as M&Ms and M&Ms-2 lay them out; labels 1 LVC, 2 LVM, 3 RVC in both.
//
// M&Ms: CODE/CODE_sa.nii.gz, a film, and CODE_sa_gt.nii.gz, labels as long as the film that are
// drawn in ED and ES alone. Which frames these are (from 0), height (cm) and weight (kg) stand in
// the columns "External code", ED, ES, Height and Weight of a table *opendataset*.csv in one of the
// five folders above. Where several lie there, the last by name counts.
//
// M&Ms-2: NNN/NNN_SA_ED.nii.gz, NNN_SA_ES.nii.gz, their labels NNN_SA_ED_gt.nii.gz and
// NNN_SA_ES_gt.nii.gz, the film NNN_SA_CINE.nii.gz, and the same with LA, the four-chamber view.
#pragma once

#include "dmcvr/study/study.h"

#include <filesystem>
#include <optional>

namespace dmcvr {

bool is_mnms_subject(const std::filesystem::path& folder);
bool is_mnms2_subject(const std::filesystem::path& folder);

// ED and ES in time order, with their labels where they are; without a name. Where no table names
// the two, they are the labeled frames, ED that of the larger LV cavity; without labels the study
// is the whole film. A table without the columns, with another word than a frame, or with a frame
// beyond the film is an Error. Where table and labels disagree the labels are believed, with a
// warning.
Study read_mnms_subject(const std::filesystem::path& folder);
// ED, then ES; the film where neither is there. View "4ch" where the long-axis files fit.
Study read_mnms2_subject(const std::filesystem::path& folder);

// The whole film without labels, ED and ES named where they are known, if there is one and it
// holds more than read_… gives; without a name.
std::optional<Study> read_mnms_film(const std::filesystem::path& folder);
// ED and ES are the frames that equal their pictures.
std::optional<Study> read_mnms2_film(const std::filesystem::path& folder);

}  // namespace dmcvr
