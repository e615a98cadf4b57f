// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/output_folder.h"

#include "report/toy_reconstruction.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

RunRecord toy_record() {
  RunRecord record;
  record.options = {{"solver", {{"nodes", 10}}}};
  record.weights = {
      {"segmenter", "segmenter.safetensors", std::string(64, 'b'), "CC BY-NC-SA 4.0"}};
  record.seconds = 3;
  return record;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

TEST(OutputFolder, HoldsWhatTheReconstructionHolds) {
  const fs::path folder = test::fresh_folder() / "parent" / "out";
  const Reconstruction made = test::toy_reconstruction();
  write_reconstruction(folder, test::toy_study(), made, toy_record(), false);
  EXPECT_EQ(names_in(folder),
            (std::set<std::string>{"volume.nii.gz", "labels.nii.gz", "labels.json",
                                   "provenance.nii.gz", "measures.json", "measures.csv",
                                   "segments.csv", "preview.png", "run.json"}));
  EXPECT_EQ(names_in(folder.parent_path()).size(), 1U);

  const Cine volume = read_nifti(folder / "volume.nii.gz");
  EXPECT_TRUE(volume.voxels.equal(made.volume.voxels));
  EXPECT_TRUE(same_grid(volume.grid, made.volume.grid));
  EXPECT_TRUE(
      read_nifti_labels(folder / "labels.nii.gz", label_table()).voxels.equal(made.labels.voxels));
  EXPECT_TRUE(read_nifti_labels(folder / "provenance.nii.gz", provenance_table())
                  .voxels.equal(made.provenance.voxels));
  const auto labels = read_json(folder / "labels.json").at("labels");
  ASSERT_EQ(labels.size(), 3U);
  EXPECT_EQ(labels[0].at("name"), "LVC");
  EXPECT_EQ(labels[2].at("value"), kRvc);
}

TEST(OutputFolder, RunJsonSaysWhatWasDoneWithWhat) {
  const auto run = run_json(test::toy_study(), test::toy_reconstruction(), toy_record());
  EXPECT_EQ(run.at("options").at("solver").at("nodes"), 10);
  EXPECT_EQ(run.at("inputs")[0].at("name"), "toy.nii.gz");
  EXPECT_EQ(run.at("inputs")[0].at("sha256"), std::string(64, 'a'));
  EXPECT_EQ(run.at("weights")[0].at("sha256"), std::string(64, 'b'));
  EXPECT_EQ(run.at("phases")[1].at("name"), "es");
  EXPECT_EQ(run.at("phases")[1].at("time_ms"), 400);
  EXPECT_EQ(run.at("acquired").at("planes"), (std::vector<int64_t>{0, 2, 4}));
  EXPECT_EQ(run.at("acquired").at("offsets_mm")[1], 0.25);
  EXPECT_EQ(run.at("stages")[1].at("evaluations"), 36);
  EXPECT_FALSE(run.contains("round_trip_psnr_db"));
}

TEST(OutputFolder, SameReconstructionGivesSameBytes) {
  const fs::path folder = test::fresh_folder();
  for (const char* name : {"one", "two"}) {
    write_reconstruction(folder / name, test::toy_study(), test::toy_reconstruction(), toy_record(),
                         false);
  }
  for (const std::string& name : names_in(folder / "one")) {
    EXPECT_EQ(sha256_of_file(folder / "one" / name), sha256_of_file(folder / "two" / name)) << name;
  }
}

TEST(OutputFolder, NamesOfAnyBytesAreWritten) {
  const fs::path folder = test::fresh_folder() / "out";
  Study study = test::toy_study();
  study.name = "caf\xe9";
  study.inputs[0].name = "caf\xe9.nii.gz";
  write_reconstruction(folder, study, test::toy_reconstruction(), toy_record(), false);
  std::ifstream stream(folder / "run.json");
  EXPECT_EQ(nlohmann::json::parse(stream).at("study"), "caf\xef\xbf\xbd");
}

TEST(OutputFolder, AnExistingOneIsKeptUnlessReplacingIsAskedFor) {
  const fs::path folder = test::fresh_folder() / "out";
  EXPECT_NO_THROW(check_output_folder(folder, false));
  write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(), toy_record(), false);
  EXPECT_THROW(check_output_folder(folder, false), Error);
  EXPECT_THROW(write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(),
                                    toy_record(), false),
               Error);
  std::ofstream(folder / "old.txt") << "old";
  EXPECT_NO_THROW(check_output_folder(folder, true));
  write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(), toy_record(), true);
  EXPECT_FALSE(fs::exists(folder / "old.txt"));
  EXPECT_TRUE(fs::exists(folder / "run.json"));
}

TEST(OutputFolder, WhatWeDidNotMakeIsNeverReplaced) {
  const fs::path folder = test::fresh_folder();
  fs::create_directories(folder / "photos");
  EXPECT_NO_THROW(check_output_folder(folder / "photos", true));
  std::ofstream(folder / "photos" / "cat.txt") << "cat";
  EXPECT_THROW(check_output_folder(folder / "photos", true), Error);
  EXPECT_THROW(check_output_folder(folder / "photos" / "cat.txt", true), Error);
}

// An evaluation has a run.json as well.
TEST(OutputFolder, OfAnotherVerbIsNotReplaced) {
  const fs::path folder = test::fresh_folder() / "out";
  write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(), toy_record(), false);
  EXPECT_NO_THROW(check_reconstruction_folder(folder, true));
  EXPECT_THROW(check_reconstruction_folder(folder, false), Error);
  std::ofstream(folder / "run.json") << R"({"kind": "evaluation"})";
  EXPECT_THROW(check_reconstruction_folder(folder, true), Error);
}

TEST(OutputFolder, ThatHoldsTheInputIsNotReplaced) {
  const fs::path folder = test::fresh_folder() / "out";
  write_reconstruction(folder, test::toy_study(), test::toy_reconstruction(), toy_record(), false);
  EXPECT_NO_THROW(check_output_folder(folder, true, "run.json", {folder.parent_path(), ""}));
  for (const fs::path& input : {folder, folder / "volume.nii.gz", folder / ".." / "out" / "x"}) {
    EXPECT_THROW(check_output_folder(folder, true, "run.json", {input}), Error) << input;
  }
}

TEST(OutputFolder, NeedsANameOfItsOwn) {
  for (const std::string& name : {std::string(), std::string("."), std::string("./"),
                                  std::string("/"), std::string(221, 'x')}) {
    EXPECT_THROW(check_output_folder(name, true), Error) << name;
  }
}

TEST(OutputFolder, ParentsAreMadeButNotThroughFiles) {
  const fs::path folder = test::fresh_folder();
  EXPECT_NO_THROW(check_output_folder(folder / "a" / "b" / "c", false));
  EXPECT_NO_THROW(check_output_folder((folder / "a").string() + "/", false));
  EXPECT_NO_THROW(check_output_folder("relative-name-that-does-not-exist", false));
  std::ofstream(folder / "file") << "x";
  EXPECT_THROW(check_output_folder(folder / "file" / "out", false), Error);
  EXPECT_TRUE(names_in(folder) == std::set<std::string>{"file"});
}

}  // namespace
}  // namespace dmcvr
