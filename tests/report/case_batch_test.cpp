// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/case_batch.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/csv.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/measures/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Empty files, older than what is made from them.
std::vector<fs::path> batch_cases() {
  static const fs::path folder = test::fresh_folder();
  const std::vector<fs::path> cases = {folder / "a.nii.gz", folder / "b", folder / "c.nii.gz"};
  for (const fs::path& path : cases) {
    if (!fs::exists(path)) std::ofstream(path) << "";
  }
  return cases;
}

// What a case leaves, as far as the batch looks at it.
void leave_case(const fs::path& output, const nlohmann::json& record) {
  HeartMeasures measures;
  measures.name = output.filename().string();
  fs::create_directories(output);
  std::ofstream(output / "measures.csv") << csv_header() << '\n' << csv_row(measures) << '\n';
  std::ofstream(output / "run.json")
      << nlohmann::json{{"seconds", 2.5}, {"acquired", 1}, {"batch", batch_sha256(record)}};
}

CaseBatch ten_steps(const fs::path& folder) {
  CaseBatch batch{folder};
  batch.record = {{"steps", 10}};
  return batch;
}

struct BatchRun {
  std::vector<std::string> worked;
  BatchOutcome outcome;
};

BatchRun run_with(const CaseBatch& batch, const std::string& broken) {
  BatchRun run;
  run.outcome = run_batch(
      batch_cases(), batch,
      [&](const fs::path&, const fs::path& output) {
        run.worked.push_back(output.filename().string());
        if (run.worked.back() == broken) throw Error("{}: cut \"off\"", broken);
        leave_case(output, batch.record);
      },
      [](int64_t, const std::string&) {});
  return run;
}

}  // namespace

TEST(RunBatch, GoesOnAfterABrokenCaseAndSkipsFinishedOnes) {
  const CaseBatch batch = ten_steps(test::fresh_folder() / "hearts");
  open_batch(batch);
  auto run = run_with(batch, "b");
  EXPECT_THAT(run.worked, ElementsAre("a", "b", "c"));
  ASSERT_EQ(run.outcome.failed.size(), 1U);
  EXPECT_EQ(run.outcome.failed[0].name, "b");
  EXPECT_FALSE(fs::exists(batch.folder / "b"));
  auto table = read_csv(batch.folder / "cases.csv");
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0][*table.column("seconds")], "2.5");
  EXPECT_EQ(table.rows[1][*table.column("error")], "b: cut \"off\"");

  // The second run does what is missing alone; the third nothing; by force all is done.
  open_batch(batch);
  run = run_with(batch, "");
  EXPECT_THAT(run.worked, ElementsAre("b"));
  EXPECT_EQ(run.outcome.already_done, 2);
  table = read_csv(batch.folder / "cases.csv");
  EXPECT_EQ(table.rows[1][*table.column("error")], "");
  EXPECT_THAT(run_with(batch, "").worked, IsEmpty());
  CaseBatch anew = batch;
  anew.replace = true;
  EXPECT_THAT(run_with(anew, "").worked, ElementsAre("a", "b", "c"));
}

// An output that is there says nothing of an input that was put in the place of another.
TEST(RunBatch, AnInputThatChangedIsSaid) {
  const auto folder = test::fresh_folder();
  const fs::path file = folder / "a.nii";
  const auto write = [&](int64_t brightness) {
    Cine stack;
    stack.grid.size = {16, 16, 2};
    stack.voxels = torch::arange(2 * 16 * 16, torch::kFloat32).view({1, 2, 16, 16}) + brightness;
    write_nifti(file, stack);
    return sha256_of_file(file);
  };
  const std::string first = write(0);
  const CaseBatch batch{folder / "hearts"};
  open_batch(batch);
  const auto run = [&] {
    return run_batch(
        {file}, batch,
        [&](const fs::path&, const fs::path& output) {
          leave_case(output, batch.record);
          nlohmann::json left = read_json(output / "run.json");
          left["inputs"] = {{{"name", "a.nii"}, {"sha256", first}}};
          std::ofstream(output / "run.json") << left;
        },
        [](int64_t, const std::string&) {});
  };
  EXPECT_THAT(run().failed, IsEmpty());
  const auto later = fs::last_write_time(batch.folder / "a" / "run.json") + std::chrono::hours(1);
  fs::last_write_time(file, later);  // touched, and the same
  EXPECT_EQ(run().already_done, 1);
  write(1);
  fs::last_write_time(file, later);
  const auto outcome = run();
  ASSERT_EQ(outcome.failed.size(), 1U);
  EXPECT_THAT(outcome.failed[0].error, HasSubstr("made from other data"));
  EXPECT_EQ(outcome.already_done, 0);
}

// --force with other options that ended early: what is left of the earlier ones is not taken.
TEST(RunBatch, WhatAnEarlierRecordLeftIsDoneAgain) {
  CaseBatch batch = ten_steps(test::fresh_folder() / "hearts");
  open_batch(batch);
  run_with(batch, "");
  batch.record["steps"] = 20;
  batch.replace = true;
  open_batch(batch);
  EXPECT_THAT(run_with(batch, "b").outcome.failed, SizeIs(1));
  batch.replace = false;
  open_batch(batch);
  EXPECT_TRUE(fs::exists(batch.folder / "b"));
  EXPECT_THAT(run_with(batch, "").worked, ElementsAre("b"));
  EXPECT_THAT(run_with(batch, "").worked, IsEmpty());
}

TEST(RunBatch, FoldersOfOthersAreNotReplaced) {
  CaseBatch batch = ten_steps(test::fresh_folder() / "hearts");
  open_batch(batch);
  fs::create_directories(batch.folder / "a");
  std::ofstream(batch.folder / "a" / "thesis.txt") << "keep";
  fs::create_directories(batch.folder / "b");
  std::ofstream(batch.folder / "b" / "run.json") << R"({"kind": "evaluation"})";
  for (const bool replace : {false, true}) {
    batch.replace = replace;
    const auto run = run_with(batch, "");
    EXPECT_THAT(run.worked, ElementsAre("c"));
    EXPECT_THAT(run.outcome.failed, SizeIs(2));
  }
  EXPECT_EQ(test::content_of(batch.folder / "a" / "thesis.txt"), "keep");
}

// As a case whose heart was not found is mended: by a call of its own that says where it lies.
TEST(RunBatch, ACaseThatWasReconstructedByItselfCountsIfItsOptionsDo) {
  CaseBatch batch{test::fresh_folder() / "hearts"};
  batch.record = {{"version", "1"},
                  {"options", {{"steps", 10}, {"locate", 0}}},
                  {"weights_sha256", {{"segmenter", "s"}}},
                  {"meshes", true}};
  open_batch(batch);
  run_with(batch, "");
  const auto alone = [&](int64_t steps) {
    const nlohmann::json weights = {{{"kind", "segmenter"}, {"sha256", "s"}}};
    std::ofstream(batch.folder / "b" / "run.json")
        << nlohmann::json{{"version", "1"},
                          {"options", {{"steps", steps}, {"locate", 5}}},
                          {"weights", weights},
                          {"acquired", 1}};
  };
  alone(10);
  EXPECT_EQ(run_with(batch, "").outcome.already_done, 3);
  alone(20);
  const auto run = run_with(batch, "");
  ASSERT_THAT(run.outcome.failed, SizeIs(1));
  EXPECT_THAT(run.outcome.failed[0].error, HasSubstr("options.steps"));
  EXPECT_THAT(run.worked, IsEmpty());
  batch.replace = true;
  EXPECT_THAT(run_with(batch, "").worked, ElementsAre("a", "b", "c"));
}

TEST(RunBatch, AnInterruptIsNoFailureOfACase) {
  const CaseBatch batch{test::fresh_folder() / "hearts"};
  open_batch(batch);
  bool is_interrupted = false;
  const auto run = [&] {
    run_batch(
        batch_cases(), batch,
        [&](const fs::path&, const fs::path& output) {
          if (output.filename() == "b") {
            is_interrupted = true;
            throw Error("interrupted");
          }
          leave_case(output, batch.record);
        },
        [&](int64_t, const std::string&) {
          if (is_interrupted) throw Error("interrupted");
        });
  };
  EXPECT_THROW(run(), Error);
  EXPECT_EQ(read_csv(batch.folder / "cases.csv").rows.size(), 1U);
}

TEST(OpenBatch, RefusesOtherOptionsAndForeignFolders) {
  CaseBatch batch = ten_steps(test::fresh_folder() / "hearts");
  open_batch(batch);
  batch.record["steps"] = 20;
  try {
    open_batch(batch);
    FAIL() << "other options were taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("steps"));
    EXPECT_THAT(error.what(), HasSubstr("--force"));
  }
  CaseBatch anew = batch;
  anew.replace = true;
  EXPECT_NO_THROW(open_batch(anew));
  const fs::path mine = test::fresh_folder() / "mine";
  fs::create_directories(mine);
  std::ofstream(mine / "thesis.txt") << "years of work";
  EXPECT_THROW(open_batch({mine}), Error);
  EXPECT_TRUE(fs::exists(mine / "thesis.txt"));
}

}  // namespace dmcvr
