// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/case_result.h"

#include "support.h"

#include "dmcvr/core/random.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

void write_stack(const fs::path& path, uint64_t seed) {
  Cine stack;
  stack.grid.size = {16, 16, 2};
  stack.voxels = torch::rand({1, 2, 16, 16}, make_generator(seed, "stack"));
  write_nifti(path, stack);
}

struct Stored {
  fs::path source, file;
  CaseResult result;
};

Stored stored_case() {
  const fs::path folder = test::fresh_folder();
  Stored stored{folder / "heart.nii", folder / "heart.json", {}};
  write_stack(stored.source, 1);
  stored.result.name = "heart";
  stored.result.run_sha256 = "abc";
  stored.result.inputs = {{"heart.nii", sha256_of_file(stored.source)}};
  stored.result.truth = TruthSource::segmenter;
  VolumeScore volume;
  volume.method = "shape";
  volume.phase = "ed";
  volume.planes = 3;
  volume.structures["LVC"].dice = 0.5;
  volume.shifts_mm = {1, 2, 6};
  stored.result.volumes = {volume};
  ViewScore view;
  view.method = "shape";
  view.view = "4ch";
  view.dice["LVC"] = 0.25;
  stored.result.views = {view};
  write_case(stored.file, stored.result);
  return stored;
}

}  // namespace

TEST(CaseFile, ComesBackForTheSameRunAndInputs) {
  const Stored stored = stored_case();
  const auto back = read_case(stored.file, stored.source, "abc");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->name, "heart");
  EXPECT_EQ(back->truth, TruthSource::segmenter);
  EXPECT_EQ(nlohmann::json(back->volumes), nlohmann::json(stored.result.volumes));
  EXPECT_EQ(nlohmann::json(back->views), nlohmann::json(stored.result.views));
}

TEST(CaseFile, IsNotTakenForAnotherRunOtherInputsOrDamaged) {
  const Stored stored = stored_case();
  EXPECT_FALSE(read_case(stored.file, stored.source, "other"));
  EXPECT_FALSE(read_case(stored.file.string() + "x", stored.source, "abc"));
  EXPECT_FALSE(read_case(stored.file, stored.source, "abc", {"acdc", ""}));
  write_stack(stored.source, 2);
  EXPECT_FALSE(read_case(stored.file, stored.source, "abc"));
  fs::remove(stored.source);
  EXPECT_FALSE(read_case(stored.file, stored.source, "abc"));

  const Stored damaged = stored_case();
  std::ofstream(damaged.file) << "{\"format\": 1";
  EXPECT_FALSE(read_case(damaged.file, damaged.source, "abc"));
  std::ofstream(damaged.file) << "{\"format\": 1}";
  EXPECT_FALSE(read_case(damaged.file, damaged.source, "abc"));
}

TEST(CsvLines, HaveAFieldForEveryHeadingAndNothingWhereThereIsNoScore) {
  Stored stored = stored_case();
  stored.result.name = "a, \"b\"";
  const auto lines = csv_lines({stored.result});
  ASSERT_EQ(lines.size(), 2U);
  const auto commas = [](const std::string& text) {
    return std::count(text.begin(), text.end(), ',');
  };
  EXPECT_EQ(commas(lines[1]), commas(lines[0]) + 1);  // one of them inside the name
  EXPECT_EQ(lines[1].rfind("\"a, \"\"b\"\"\",ed,shape,segmenter,3,2,,,,,", 0), 0U) << lines[1];
  EXPECT_NE(lines[0].find("RVC_assd_mm"), std::string::npos);
}

}  // namespace dmcvr
