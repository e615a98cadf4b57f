// SPDX-License-Identifier: Apache-2.0
// One subject: the short-axis stack over time, and what is known beside it.
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/study/found_series.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dmcvr {

struct InputFile {
  std::string name;    // without folders, as the user gave it
  std::string sha256;  // of the bytes on disk
};

// A long-axis picture of the same heart: one slice, with phases as those of the short axis.
struct View {
  std::string name;  // "2ch", "3ch", "4ch"
  Cine cine;
  std::optional<Labels> labels;  // on the grid of `cine`
};

struct Study {
  std::string name;    // what the user called it: file or folder name without endings
  std::string source;  // "ACDC", "phantom", "NIfTI"
  Cine sax;            // phases in time order
  std::vector<std::string> phase_names;  // one per phase: "ed", "es", or "phase00", "phase01", …
  std::vector<int64_t> frames;           // where each phase lies in its film, from 0; may be empty
  std::optional<Labels> labels;          // expert labels on the grid of `sax`, one volume per phase
  // Labels that the experts drew in each phase, none in some; empty: all of label_table() in all
  // phases. What they did not draw is not known there, and its voxels are 0.
  std::vector<std::set<int64_t>> drawn;
  std::vector<View> views;  // long axis; may be empty
  std::vector<InputFile> inputs;
  // Where the slices lie along the normal, from the first one; empty where the pitch is even, which
  // is what the grid of `sax` says then.
  std::vector<double> slice_z_mm;

  // ACDC's Info.cfg and kin; empty where unknown.
  std::optional<double> height_cm;
  std::optional<double> weight_kg;

  std::vector<Problem> problems;  // what reading put right or left out; none of them fatal

  void check() const;  // TORCH_CHECKs that phases, names, labels and positions agree
};

// Whether the experts drew all of label_table(): in a phase, in every phase.
bool is_fully_labeled(const Study& study, int64_t phase);
bool is_fully_labeled(const Study& study);

// Of names that a file tells: they become parts of file names. Throws Error for one with other
// characters than letters, digits, '.', '_' and '-', or with a dot first, and for two alike.
void check_phase_names(const std::vector<std::string>& names);

// "phase03": what a phase is called that only has a place.
std::string numbered_phase(int64_t frame);

// Only the named phases, in time order; "all" keeps every phase, "phase03" is also the one of frame
// 3 whatever its name. Without names: "ed" and "es" where the study has both, else every phase.
// Throws Error for a phase that the study lacks, listing those it has.
Study select_phases(const Study& study, const std::vector<std::string>& names);

}  // namespace dmcvr
