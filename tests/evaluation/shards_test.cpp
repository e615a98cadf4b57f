// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/shards.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

template <typename Work>
std::string error_from(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

CaseResult scored_case(const std::string& name, double dice) {
  CaseResult result;
  result.name = name;
  for (const char* method : {"shape", "linear"}) {
    VolumeScore volume;
    volume.method = method;
    volume.phase = "ed";
    volume.planes = 3;
    volume.psnr_db = 20 + dice;
    for (const char* structure : {"LVC", "LVM", "RVC"})
      volume.structures[structure].dice = dice / (volume.method == "shape" ? 1 : 2);
    result.volumes.push_back(volume);
    result.costs.push_back({method, 3, dice, 7, 0});  // seconds differ from run to run
  }
  return result;
}

const nlohmann::json kRecord = {{"version", "1"}, {"options", {{"phases", {"ed"}}}}};

// An evaluation that has ended, as the program leaves it.
RunFolder finished(const fs::path& path, std::vector<CaseResult> cases,
                   std::vector<FailedCase> failed = {}, const nlohmann::json& record = kRecord,
                   const std::string& baseline = "shape") {
  const RunFolder folder = open_run_folder(path, record, false);
  for (CaseResult& result : cases) {
    result.run_sha256 = folder.run_sha256;
    write_case(folder.case_file(result.name), result);
    std::ofstream(folder.figure_file(result.name)) << "picture of " << result.name;
    std::ofstream(folder.surfaces_file(result.name)) << "surfaces of " << result.name;
  }
  write_results(folder, record, {std::move(cases), std::move(failed), baseline});
  return folder;
}

class SlurmTask {
 public:
  SlurmTask(const char* id, const char* first, const char* last, const char* count) {
    ::setenv("SLURM_ARRAY_TASK_ID", id, 1);
    ::setenv("SLURM_ARRAY_TASK_MIN", first, 1);
    ::setenv("SLURM_ARRAY_TASK_MAX", last, 1);
    ::setenv("SLURM_ARRAY_TASK_COUNT", count, 1);
  }
  ~SlurmTask() {
    for (const char* name : {"ID", "MIN", "MAX", "COUNT"})
      ::unsetenv((std::string("SLURM_ARRAY_TASK_") + name).c_str());
  }
};

TEST(ShardFrom, TakesPartsAndTasksOfArraysAndNothingElse) {
  EXPECT_EQ(shard_from("2/8").number, 2);
  EXPECT_EQ(shard_from("8/8").count, 8);
  for (const char* wrong :
       {"", "2", "0/8", "9/8", "-1/8", "1/0", "2/8x", "a/b", "2/ 8", "1/999999"})
    EXPECT_THAT(error_from([&] { shard_from(wrong); }), HasSubstr("--shard")) << wrong;
  EXPECT_THAT(error_from([] { shard_from("slurm"); }), HasSubstr("SLURM_ARRAY_TASK_MIN"));
  const SlurmTask task("7", "5", "8", "4");
  EXPECT_EQ(shard_from("slurm").number, 3);
  EXPECT_EQ(shard_from("slurm").count, 4);
  const SlurmTask uneven("7", "5", "9", "3");
  EXPECT_THAT(error_from([] { shard_from("slurm"); }), HasSubstr("rise by one"));
}

TEST(CasesOfShardProperty, TogetherHaveEachCaseOnceWhateverTheOrder) {
  for (int64_t cases = 0; cases < 12; ++cases) {
    std::vector<fs::path> paths;
    for (int64_t n = 0; n < cases; ++n) paths.emplace_back("set/case" + std::to_string(n));
    const std::vector<fs::path> reversed(paths.rbegin(), paths.rend());
    for (int64_t count = 1; count < 6; ++count) {
      std::multiset<fs::path> all;
      for (int64_t number = 1; number <= count; ++number) {
        const auto chosen = cases_of_shard(paths, {number, count});
        EXPECT_EQ(chosen, cases_of_shard(reversed, {number, count}));
        all.insert(chosen.begin(), chosen.end());
      }
      EXPECT_EQ(all, std::multiset<fs::path>(paths.begin(), paths.end()));
    }
  }
}

TEST(JoinedRuns, AreTheRunOverAllCasesByteForByte) {
  const fs::path root = test::fresh_folder();
  const CaseResult a = scored_case("a", 0.5), b = scored_case("b", 0.75), c = scored_case("c", 0.6);
  const FailedCase broken{"d", "cannot be read"};
  finished(root / "whole", {a, b, c}, {broken});
  CaseResult slower = b;
  slower.costs[0].seconds = 99;
  finished(root / "1", {a, c});
  finished(root / "2", {slower}, {broken});
  const std::vector<fs::path> shards = {root / "2", root / "1"};
  const JoinedRuns joined = read_runs(shards);
  write_joined(open_run_folder(root / "joined", joined.record, false), joined);
  for (const char* name : {"run.json", "summary.json", "cases.csv", "table.md", "table.tex",
                           "figures/b.png", "figures/c_surfaces.png", "cases/a.json"})
    EXPECT_EQ(test::content_of(root / "joined" / name), test::content_of(root / "whole" / name))
        << name;
  EXPECT_THAT(test::content_of(root / "joined" / "costs.csv"), HasSubstr("b,shape,3,99,7,0"));
}

TEST(JoinedRuns, RefuseWhatDoesNotBelongTogether) {
  const fs::path root = test::fresh_folder();
  finished(root / "1", {scored_case("a", 0.5)});
  finished(root / "2", {scored_case("a", 0.5)});
  EXPECT_THAT(error_from([&] {
                read_runs({root / "1", root / "2"});
              }),
              HasSubstr("both hold case a"));
  nlohmann::json other = kRecord;
  other["options"]["phases"] = {"es"};
  finished(root / "3", {scored_case("b", 0.5)}, {}, other);
  EXPECT_THAT(error_from([&] {
                read_runs({root / "1", root / "3"});
              }),
              HasSubstr("options.phases"));
  open_run_folder(root / "4", kRecord, false);
  EXPECT_THAT(error_from([&] {
                read_runs({root / "1", root / "4"});
              }),
              HasSubstr("no summary.json"));
  EXPECT_THAT(error_from([&] { read_runs({root / "none"}); }), HasSubstr("no run.json"));
}

TEST(JoinedRuns, OtherBaselinesAreRefused) {
  const fs::path root = test::fresh_folder();
  finished(root / "1", {scored_case("a", 0.5)});
  finished(root / "2", {scored_case("b", 0.5)}, {}, kRecord, "linear");
  const auto error = error_from([&] { read_runs({root / "1", root / "2"}); });
  EXPECT_THAT(error, HasSubstr("has differences from linear"));
  EXPECT_THAT(error, HasSubstr("--baseline shape"));
}

// A folder that was used for other cases before still holds their scores.
TEST(JoinedRuns, TakeTheCasesOfTheLastRunAlone) {
  const fs::path root = test::fresh_folder();
  finished(root / "1", {scored_case("a", 0.5), scored_case("old", 0.5)});
  const RunFolder again = finished(root / "1", {scored_case("a", 0.5)});
  ASSERT_TRUE(fs::exists(again.case_file("old")));
  const auto cases = read_runs({root / "1"}).results.cases;
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].name, "a");
  fs::remove(again.case_file("a"));
  EXPECT_THAT(error_from([&] { read_runs({root / "1"}); }), HasSubstr("scores of a are gone"));
}

// A whole run was begun in a folder that then took a shard.
TEST(JoinedRuns, TakeEachCaseFromTheFolderWhoseLastRunHasIt) {
  const fs::path root = test::fresh_folder();
  finished(root / "2", {scored_case("a", 0.25), scored_case("b", 0.5)});
  finished(root / "2", {scored_case("b", 0.5)});
  const RunFolder right = finished(root / "1", {scored_case("a", 0.5)});
  const JoinedRuns joined = read_runs({root / "1", root / "2"});
  const RunFolder target = open_run_folder(root / "joined", joined.record, false);
  write_joined(target, joined);
  EXPECT_EQ(test::content_of(target.case_file("a")), test::content_of(right.case_file("a")));
}

TEST(JoinedRuns, ACaseThatFailedInOneShardAndWasScoredInAnotherIsScored) {
  const fs::path root = test::fresh_folder();
  finished(root / "1", {scored_case("a", 0.5)}, {{"b", "disk was full"}});
  finished(root / "2", {scored_case("b", 0.5)});
  EXPECT_TRUE(read_runs({root / "1", root / "2"}).results.failed.empty());
}

}  // namespace
}  // namespace dmcvr
