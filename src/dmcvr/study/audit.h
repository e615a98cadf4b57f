// SPDX-License-Identifier: Apache-2.0
// What is in a study, what is wrong with it, and what `dmcvr reconstruct` does about that.
#pragma once

#include "dmcvr/study/found_series.h"
#include "dmcvr/study/input_options.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct AuditedSeries {
  FoundSeries found;
  bool is_read = true;  // by reconstruct; what is wrong with others does not keep it
  bool has_labels = false;
};

enum class Verdict { clean, repaired, refused };

struct Audit {
  std::string name;  // of the case
  // "NIfTI", "pairs", "ACDC", "M&Ms", "M&Ms-2", "phantom", "DICOM", "UK Biobank", "Sunnybrook",
  // "nnU-Net"
  std::string layout;
  std::vector<AuditedSeries> series;
  std::vector<Problem> problems;  // of the case as a whole
  std::optional<bool> shares_frame;
  // Frames of the film, from 0, that the data set calls so, or that are guessed
  // (end_phase_guess.h); empty where unknown.
  std::optional<int64_t> ed_frame, es_frame;
  bool are_ends_guessed = false;

  Verdict verdict() const;
};

// One study, as read_study takes it (layouts.h). Headers decide what they can. Unless
// `headers_only`, the study is then read as reconstruct reads it, so that `refused` is what
// reconstruct says; damage to voxels and labels is found by that alone. A study that nobody can
// read gives an audit with a fatal problem. Throws Error where there is no file or folder.
Audit audit_study(const std::filesystem::path& path, bool headers_only = false,
                  const InputOptions& input = {});

// "clean", "repaired", "refused".
std::string to_string(Verdict verdict);

}  // namespace dmcvr
