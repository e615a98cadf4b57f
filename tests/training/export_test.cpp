// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/export.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <fstream>
#include <string>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

void fill(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

Checkpoint run_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.weights = {{"a.weight", torch::randn({40, 50})},
                        {"a.count", torch::tensor(int64_t{7})}};
  checkpoint.average = {{"a.weight", torch::randn({40, 50})},
                        {"a.large", torch::full({2, 2}, 1e6F)},
                        {"a.variance", torch::full({5}, 1e9F)},
                        {"a.count", torch::tensor(int64_t{7})}};
  checkpoint.optimizer = {{"a.weight.mean", torch::randn({40, 50})}};
  checkpoint.state = {
      {"step", 12}, {"steps", 90}, {"best_score", 0.5}, {"options", {{"kind", "toy"}}}};
  return checkpoint;
}

struct Exported {
  fs::path root = test::fresh_folder();
  fs::path weights = root / "weights.safetensors";
  ExportOptions options;
  Checkpoint checkpoint = run_checkpoint();

  Exported() {
    fill(weights, std::string(2500, 'w'));
    options.folder = root / "export";
    options.part_bytes = 1024;
    write_export(options, checkpoint, weights);
  }
};

// The words of the error of reading the export, which leaves the weights as they were.
std::string refusal(const Exported& exported) {
  const auto target = exported.root / "target.safetensors";
  fill(target, "before");
  try {
    read_export(exported.options.folder, target);
  } catch (const Error& error) {
    EXPECT_EQ(test::content_of(target), "before");
    EXPECT_THROW(check_export(exported.options.folder), Error);
    return error.what();
  }
  return "nothing was refused";
}

TEST(Export, ComesBackButForTheMoments) {
  const Exported exported;
  const auto target = exported.root / "back" / "weights.safetensors";
  fs::create_directories(target.parent_path());
  check_export(exported.options.folder);
  const auto read = read_export(exported.options.folder, target);
  EXPECT_EQ(test::content_of(target), test::content_of(exported.weights));
  EXPECT_EQ(read.state, exported.checkpoint.state);
  EXPECT_TRUE(read.optimizer.empty());
  for (const auto& [name, tensor] : exported.checkpoint.weights)
    EXPECT_TRUE(torch::equal(tensor, read.weights.at(name))) << name;
  for (const auto& [name, tensor] : exported.checkpoint.average) {
    const auto& back = read.average.at(name);
    if (name == "a.weight") {
      EXPECT_EQ(back.dtype(), torch::kHalf);
      // Half of the last of 11 bits.
      EXPECT_TRUE(torch::allclose(back.to(torch::kFloat), tensor, std::ldexp(1.0, -11), 1e-7));
    } else {
      EXPECT_TRUE(torch::equal(back, tensor)) << name;  // too few or too large for half precision
    }
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(target.parent_path())) files += entry.exists();
  EXPECT_EQ(files, 1);
}

TEST(Export, PartsAreSmallAndMakeUpTheFile) {
  const Exported exported;
  std::string joined;
  int64_t parts = 0;
  for (const auto& entry : fs::directory_iterator(exported.options.folder)) {
    if (entry.path().filename() == "manifest.json") continue;
    EXPECT_LE(fs::file_size(entry.path()), 1024);
    ++parts;
  }
  for (const auto* number : {"000", "001", "002"})
    joined +=
        test::content_of(exported.options.folder / ("weights.safetensors." + std::string(number)));
  EXPECT_EQ(joined, test::content_of(exported.weights));
  EXPECT_GT(parts, 3 + 40 * 50 * 6 / 1024);
  EXPECT_FALSE(fs::exists(exported.options.folder / "checkpoint.safetensors"));
}

TEST(Export, AMissingOrDamagedPartIsNamed) {
  for (const auto* name : {"checkpoint.safetensors.003", "weights.safetensors.001"}) {
    const Exported exported;
    const auto part = exported.options.folder / name;
    const auto content = test::content_of(part);
    auto damaged = content;
    damaged[500] ^= 1;
    fill(part, damaged);
    EXPECT_NE(refusal(exported).find(std::string(name) + ": the checksum"), std::string::npos);
    fill(part, content.substr(1));
    EXPECT_NE(refusal(exported).find(std::string(name) + ": the part has"), std::string::npos);
    fs::remove(part);
    EXPECT_NE(refusal(exported).find(std::string(name) + ": part"), std::string::npos);
  }
  const Exported exported;
  fill(exported.options.folder / "manifest.json", R"({"format": "dmcvr-export-1"})");
  EXPECT_NE(refusal(exported).find("manifest is damaged"), std::string::npos);
  fs::remove(exported.options.folder / "manifest.json");
  EXPECT_NE(refusal(exported).find("no manifest.json"), std::string::npos);
}

TEST(Export, ReplacesAnExportAndNothingElse) {
  Exported exported;
  exported.checkpoint.state["step"] = 13;
  exported.options.part_bytes = 1 << 20;
  write_export(exported.options, exported.checkpoint, exported.weights);
  const auto read = read_export(exported.options.folder, exported.root / "again.safetensors");
  EXPECT_EQ(read.state.at("step"), 13);
  EXPECT_FALSE(fs::exists(exported.options.folder / "weights.safetensors.001"));

  exported.options.folder = exported.root / "mine";
  fs::create_directories(exported.options.folder);
  fill(exported.options.folder / "thesis.txt", "two years");
  EXPECT_THROW(write_export(exported.options, exported.checkpoint, exported.weights), Error);
  EXPECT_EQ(test::content_of(exported.options.folder / "thesis.txt"), "two years");
  exported.options.folder = exported.root / "new";
  exported.options.part_bytes = 0;
  EXPECT_THROW(exported.options.check(), Error);
}

}  // namespace
}  // namespace dmcvr
