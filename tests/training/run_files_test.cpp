// SPDX-License-Identifier: Apache-2.0
// What is left after kills and full disks is tested with the loop, which makes the files.
#include "dmcvr/training/run_files.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/training/checkpoint.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

struct OneRun {
  torch::nn::Linear network{3, 2};
  TrainTask task{"toy", *network, {{"width", 3}}};
  TrainOptions options;
  RunPlaces places;
  Run run;

  explicit OneRun(const fs::path& folder)
      : places(folder),
        run{task,
            options,
            places,
            *places.ranks,
            {*network,
             make_optimizer(*network, {}),
             start_ema(*network, {}),
             {{"width", 3}},
             500}} {
    task.save_weights = [](const fs::path& path) { std::ofstream(path) << "weights"; };
  }
};

TEST(RunFiles, AFreshFolderThenOneToGoOnWith) {
  const auto folder = test::fresh_folder() / "run";
  OneRun first(folder);
  open_folder(first.run);
  EXPECT_EQ(first.run.state.step, 0);
  EXPECT_TRUE(fs::exists(folder / "options.json"));
  write_log(first.run, {{"step", 7}, {"seconds", 12.5}});
  first.run.state.step = 7;
  save_best(first.run);
  EXPECT_TRUE(fs::exists(folder / "weights.safetensors"));
  fs::remove(folder / "weights.safetensors");  // as if killed before

  OneRun second(folder);
  open_folder(second.run);
  EXPECT_EQ(second.run.state.step, 7);
  EXPECT_EQ(second.run.saved_step, 7);
  EXPECT_GE(second.run.seconds(), 12.5);
  EXPECT_TRUE(fs::exists(folder / "weights.safetensors"));
  EXPECT_EQ(newest_checkpoint(folder)->path, folder / "last.safetensors");
}

TEST(RunFiles, WhatFailsSaysWhichCheckpointIsKept) {
  const auto folder = test::fresh_folder();
  OneRun one(folder);
  open_folder(one.run);
  one.run.state.step = 9;
  save(one.run);
  one.run.state.step = 10;
  // A folder of this name cannot be replaced by a file.
  fs::create_directories(folder / "best.safetensors" / "x");
  try {
    save_best(one.run);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the checkpoint of step 9 is kept"), std::string::npos)
        << error.what();
  }
}

TEST(RunFiles, ExportsAreDueByTheClock) {
  OneRun one(test::fresh_folder());
  EXPECT_FALSE(is_export_due(one.run));
  one.places.exported.folder = one.places.folder / "export";
  EXPECT_FALSE(is_export_due(one.run));  // only at the end
  one.places.exported.every_seconds = 1e-9;
  EXPECT_TRUE(is_export_due(one.run));
  open_folder(one.run);
  save_best(one.run);
  export_run(one.run);
  EXPECT_TRUE(fs::exists(one.places.folder / "export" / "manifest.json"));
  one.places.exported.every_seconds = 1e6;
  EXPECT_FALSE(is_export_due(one.run));
}

}  // namespace
}  // namespace dmcvr
