// SPDX-License-Identifier: Apache-2.0
// What is kept of a finished case, so that a run that was killed goes on behind it.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/costs.h"
#include "dmcvr/evaluation/scores.h"
#include "dmcvr/evaluation/view_scores.h"
#include "dmcvr/study/input_options.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

NLOHMANN_JSON_SERIALIZE_ENUM(TruthSource, {{TruthSource::experts, "experts"},
                                           {TruthSource::segmenter, "segmenter"},
                                           {TruthSource::phantom, "phantom"},
                                           {TruthSource::pictures, "pictures"}})

struct CaseResult {
  std::string name;
  std::string run_sha256;         // of all that decides the result beside the case (RunFolder)
  std::vector<InputFile> inputs;  // in the folder of the case, or the case itself
  // Answers of other programs (answer_folder.h) that were scored; names with folders.
  std::vector<InputFile> answers;
  TruthSource truth = TruthSource::experts;
  double seconds = 0;
  std::vector<VolumeScore> volumes;
  std::vector<ViewScore> views;   // of the protocol long-axis, which has no volumes
  std::vector<MethodCost> costs;  // of the methods, `original` excluded
};

// The names of the methods, in the order in which they first occur.
std::vector<std::string> methods_of(const std::vector<CaseResult>& cases);

void write_case(const std::filesystem::path& path, const CaseResult& result);

// The result in that file if it belongs to this run; otherwise nothing, a damaged file included.
std::optional<CaseResult> read_case(const std::filesystem::path& path,
                                    const std::string& run_sha256);

// The same if the case at `source`, read as `input` says, and the answers still come from the files
// that it was made from.
std::optional<CaseResult> read_case(const std::filesystem::path& path,
                                    const std::filesystem::path& source,
                                    const std::string& run_sha256, const InputOptions& input = {});

// Text as a cell of a CSV file: quoted where it holds commas, quotes or ends of lines.
std::string csv_text(const std::string& text);

// A heading, and a line per case and method: case,method,planes,seconds,evaluations,
// optimization_steps.
std::vector<std::string> cost_csv_lines(const std::vector<CaseResult>& cases);

// A heading, and a line per case, phase and method:
//   case,phase,method,truth,planes,shift_mm (median of the slices), the picture_measures, then for
//   each of scored_structures the structure_measures: LVC_dice,LVC_dice_pose_free, …
// Empty where there is no score. Names with commas or quotes are quoted.
std::vector<std::string> csv_lines(const std::vector<CaseResult>& cases);

}  // namespace dmcvr
