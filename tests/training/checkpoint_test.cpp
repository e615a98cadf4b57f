// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/checkpoint.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/safetensors.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

Checkpoint some_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.weights = {{"a.weight", torch::randn({3, 4})}, {"a.count", torch::tensor(int64_t{7})}};
  checkpoint.average = {{"a.weight", torch::randn({3, 4})}};
  checkpoint.optimizer = {{"a.weight.mean", torch::randn({3, 4})}};
  checkpoint.state = {{"step", 12}, {"best_score", 0.1234567890123}};
  return checkpoint;
}

TEST(Checkpoint, ComesBackAsItWent) {
  const auto path = test::fresh_folder() / "last.safetensors";
  const auto written = some_checkpoint();
  write_checkpoint(path, written);
  const auto read = read_checkpoint(path);
  EXPECT_EQ(read.state, written.state);
  const auto same = [](const State& a, const State& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::equal(tensor, b.at(name))) << name;
  };
  same(read.weights, written.weights);
  same(read.average, written.average);
  same(read.optimizer, written.optimizer);
}

TEST(Checkpoint, AnyChangedByteIsRefused) {
  const auto path = test::fresh_folder() / "last.safetensors";
  write_checkpoint(path, some_checkpoint());
  const std::string bytes = test::content_of(path);
  // Spaces that pad the header mean nothing; everything else does.
  const size_t data = bytes.size() - 3 * 48 - 8;
  for (size_t position = 0; position < bytes.size(); position += 5) {
    if (position >= 8 && position < data && bytes[position] == ' ') continue;
    auto damaged = bytes;
    damaged[position] ^= 1;
    std::ofstream(path, std::ios::binary) << damaged;
    EXPECT_THROW(read_checkpoint(path), Error) << position;
  }
}

TEST(Checkpoint, TheNewestGoodOneIsFound) {
  const auto folder = test::fresh_folder();
  EXPECT_FALSE(newest_checkpoint(folder));
  const auto write = [&](const char* name, int64_t step) {
    auto checkpoint = some_checkpoint();
    checkpoint.state["step"] = step;
    write_checkpoint(folder / name, checkpoint);
  };
  write("best.safetensors", 5);
  EXPECT_EQ(newest_checkpoint(folder)->checkpoint.state.at("step"), 5);
  write("last.safetensors", 4);
  EXPECT_EQ(newest_checkpoint(folder)->path, folder / "best.safetensors");
  write("last.safetensors", 5);
  EXPECT_EQ(newest_checkpoint(folder)->path, folder / "last.safetensors");

  // A damaged one is left out, where the other is good.
  std::ofstream(folder / "best.safetensors") << "x";
  EXPECT_EQ(newest_checkpoint(folder)->path, folder / "last.safetensors");
  write("best.safetensors", 9);
  std::ofstream(folder / "last.safetensors") << "x";
  EXPECT_EQ(newest_checkpoint(folder)->path, folder / "best.safetensors");
  std::ofstream(folder / "best.safetensors") << "x";
  EXPECT_THROW(newest_checkpoint(folder), Error);
}

TEST(Checkpoint, OtherSafetensorsAreRefused) {
  const auto path = test::fresh_folder() / "weights.safetensors";
  write_safetensors(path, {{{"weight", torch::zeros({2})}}, {{"format", "other"}}});
  EXPECT_THROW(read_checkpoint(path), Error);
}

}  // namespace
}  // namespace dmcvr
