// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/questions.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"

#include <spdlog/spdlog.h>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json affine_rows(const Affine& affine) {
  json rows = json::array();
  for (size_t row = 0; row < 3; ++row) {
    const auto& m = affine.matrix[row];
    rows.push_back({m[0], m[1], m[2], affine.offset[row]});
  }
  rows.push_back({0, 0, 0, 1});
  return rows;
}

json to_record(const std::string& name, const Question& question) {
  const Grid& grid = question.planes.grid;
  return {{"case", name},
          {"file", name + ".nii.gz"},
          {"phases", question.given.phase_names},
          {"shape", grid.size},
          {"affine", affine_rows(grid.world_from_voxel)},
          {"given", question.planes.acquired_planes},
          {"asked", question.asked},
          {"asked_mm", question.asked_mm}};
}

}  // namespace

std::vector<FailedCase> write_questions(const std::vector<fs::path>& cases, const fs::path& folder,
                                        const EvaluateOptions& options,
                                        const MethodNetworks& networks, const OnCase& on_case) {
  check_case_names(cases);
  const auto total = static_cast<int64_t>(cases.size());
  json records = json::array();
  std::vector<FailedCase> failed;
  for (int64_t n = 0; n < total; ++n) {
    const fs::path& path = cases[static_cast<size_t>(n)];
    const std::string name = case_name(path);
    if (on_case) on_case(n, total, name);
    try {
      Study study = phases_to_score(path, options, networks);
      const Question question = contest_of(path, study, options).question;
      write_nifti(folder / (name + ".nii.gz"), question.given.sax);
      records.push_back(to_record(name, question));
    } catch (const Error& error) {
      failed.push_back({name, error.what()});
      spdlog::warn("{}: {}; left out", name, error.what());
    }
  }
  if (on_case) on_case(total, total, "");
  if (records.empty())
    throw Error("no case is left; the first, {}: {}", failed.front().name, failed.front().error);
  const json content = {{"protocol", options.protocol}, {"cases", records}};
  write_file(folder / kQuestionsFile, [&](std::ostream& stream) {
    stream << content.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  });
  return failed;
}

}  // namespace dmcvr
