// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/run_folder.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

nlohmann::json run_record(int nodes) {
  return {{"options", {{"solver", {{"nodes", nodes}}}}}, {"version", "1"}};
}

std::string open_error(const fs::path& path, const nlohmann::json& record, bool replace) {
  try {
    open_run_folder(path, record, replace);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(RunFolder, IsMadeAndOpenedAgainWithTheSameRecord) {
  const fs::path path = test::fresh_folder() / "scores";
  const RunFolder first = open_run_folder(path, run_record(10), false);
  std::ofstream(first.case_file("a")) << "{}";
  const RunFolder second = open_run_folder(path, run_record(10), false);
  EXPECT_EQ(first.run_sha256, second.run_sha256);
  EXPECT_TRUE(fs::exists(second.case_file("a")));
  EXPECT_TRUE(fs::is_directory(second.figure_file("a").parent_path()));
}

TEST(RunFolder, OtherOptionsAreNamedAndForceBeginsAnew) {
  const fs::path path = test::fresh_folder() / "scores";
  const RunFolder folder = open_run_folder(path, run_record(10), false);
  std::ofstream(folder.case_file("a")) << "{}";
  std::ofstream(path / "notes.txt") << "mine";
  const std::string error = open_error(path, run_record(20), false);
  EXPECT_NE(error.find("options.solver.nodes is 10 there and 20 now"), std::string::npos) << error;
  EXPECT_NE(error.find("--force"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder.case_file("a")));

  const RunFolder anew = open_run_folder(path, run_record(20), true);
  EXPECT_NE(anew.run_sha256, folder.run_sha256);
  EXPECT_FALSE(fs::exists(folder.case_file("a")));
  EXPECT_TRUE(fs::exists(path / "notes.txt"));
}

TEST(RunFolder, ForeignFoldersAreLeftAlone) {
  const fs::path path = test::fresh_folder();
  std::ofstream(path / "file") << "keep";
  EXPECT_NE(open_error(path, run_record(10), true), "");
  std::ofstream(path / "run.json") << "{\"version\": \"1\"}";
  EXPECT_NE(open_error(path, run_record(10), true), "");
  EXPECT_TRUE(fs::exists(path / "file"));
  EXPECT_NE(open_error(path / "file", run_record(10), true), "");
}

TEST(RunFolder, ResultsSayWhatFailed) {
  const fs::path path = test::fresh_folder() / "scores";
  const RunFolder folder = open_run_folder(path, run_record(10), false);
  CaseResult result;
  result.name = "a";
  result.volumes.emplace_back();
  result.volumes[0].method = "shape";
  write_results(folder, run_record(10), {{result}, {{"b", "b.nii: is broken"}}, "shape"});
  const auto summary = read_json(path / "summary.json");
  EXPECT_EQ(summary["cases"], 1);
  EXPECT_EQ(summary["failed"][0]["case"], "b");
  EXPECT_EQ(summary["methods"][0]["method"], "shape");
  EXPECT_EQ(summary["truth"]["experts"], 1);
  EXPECT_EQ(summary["per_case"][0]["case"], "a");
  EXPECT_EQ(summary["per_case"][0]["scores"][0]["method"], "shape");
  EXPECT_TRUE(fs::exists(path / "cases.csv"));
}

}  // namespace dmcvr
