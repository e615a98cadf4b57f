// SPDX-License-Identifier: Apache-2.0
// Heart MRI as UK Biobank hands it out: EID_20209_2_0.zip, the short axis, and EID_20208_2_0.zip of
// the same EID and visit beside it, the long axis. Each holds DICOM files and a table of them,
// manifest.csv or manifest.cvs, whose dates have commas ("Aug 30, 2015") and no quotes. Folders of
// the same names, unpacked, are taken as well.
//
// The EID is a person's. Nothing that this program says or writes has it (core/participant.h), and
// a case is called by what the archive holds, never by the EID, of which a hash could be undone.
#pragma once

#include "dmcvr/io/archive.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/study.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

// By its name: the short axis of one participant, an archive or a folder.
bool is_ukb_study(const std::filesystem::path& path);
// By its name: any archive or folder of heart MRI that UK Biobank hands out.
bool is_ukb_file(const std::filesystem::path& path);
// Whether the name of anything begins as theirs do: it would tell who it is of.
bool has_participant_name(const std::filesystem::path& path);

// "case_" and the first ten hex digits of the SHA-256 of the file, so that it is found again; of a
// folder, of the names and contents of its files. "case_unreadable" for what cannot be read. A
// file is read once, however often this is asked.
std::string ukb_case_name(const std::filesystem::path& path);

// The archives of a participant with what they hold: the short axis, then the long axis where it is
// there and can be read, which is said where not. Left out are series called InlineVF, pictures
// that the scanner drew on. What DICOM headers do not say of a series, the manifest says, as far as
// it can be read. Throws Error as list_dicom.
std::vector<DicomPlace> list_ukb(const std::filesystem::path& path,
                                 const ArchiveLimits& limits = {});

// The short axis with the views of the long one; problems are put right as in dicom_stacks.h.
// Throws Error as read_dicom_study.
Study read_ukb_study(const std::filesystem::path& path, const ArchiveLimits& limits = {});

// The files of the study as they are now, as they stand in Study::inputs.
std::vector<InputFile> ukb_inputs(const std::filesystem::path& path);

// One line of a manifest: what the rest needs of it.
struct ManifestFile {
  std::string name;  // in the archive
  std::string series;
};

// The lines of a manifest that can be told apart; empty where it names no files or no series.
std::vector<ManifestFile> manifest_files(std::string_view text);

}  // namespace dmcvr
