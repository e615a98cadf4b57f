// SPDX-License-Identifier: Apache-2.0
// The folder of an evaluation. It grows case by case, so that a second run with the same options
// goes on where the first one ended.
//
//   run.json           options, weights, version: what decides the results beside the cases
//   cases/NAME.json    the scores of a finished case
//   figures/NAME.png   what it looks like; NAME_surfaces.png: as surfaces, where asked for
//   cases.csv          one line per case, phase and method (views.csv: and view, of the protocol
//                      long-axis); costs.csv: per case and method what it took; summary.json: means
//                      and differences; table.md, table.tex: the table for pages and papers;
//                      paper_table.md, paper_table.tex: in the layout of the paper's Table 1.
//                      Written at the end, by the names of the cases.
#pragma once

#include "dmcvr/evaluation/case_result.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

struct FailedCase {
  std::string name;
  std::string error;
};

struct RunFolder {
  std::filesystem::path path;
  std::string run_sha256;  // of run.json

  std::filesystem::path case_file(const std::string& name) const;
  std::filesystem::path figure_file(const std::string& name) const;
  std::filesystem::path surfaces_file(const std::string& name) const;
};

// Makes the folder, or goes on in it. `record` is what run.json has to say. Throws Error if the
// folder holds anything but an evaluation, or, unless `replace` is true, one with another record;
// with `replace` an earlier evaluation is removed, and nothing else.
RunFolder open_run_folder(const std::filesystem::path& path, const nlohmann::json& record,
                          bool replace);

// The record that the folder was made with, and its checksum. Throws Error where it holds no
// evaluation.
nlohmann::json run_record(const std::filesystem::path& path);
std::string sha256_of_record(const nlohmann::json& record);

// "options.phases is [] there and ["ed"] now", of the first difference; empty for equal records.
std::string first_difference(const nlohmann::json& there, const nlohmann::json& now);

// What is said of all cases together.
struct Results {
  std::vector<CaseResult> cases;
  std::vector<FailedCase> failed;
  std::string baseline;  // differences of the other methods from it are written; may be absent
};

void write_results(const RunFolder& folder, const nlohmann::json& record, const Results& results);

}  // namespace dmcvr
