// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/pairs.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/audit.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// heart.nii.gz of two phases, and labels 1, 2, 3 beside it.
fs::path pair_of_files(const std::string& ending, const std::string& descrip = "nothing",
                       int64_t slices = 4) {
  const fs::path folder = test::fresh_folder();
  Cine film;
  film.grid.size = {20, 18, 4};
  film.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 9}}};
  film.voxels = test::golden_input("film", {2, 4, 18, 20}, 100, 200).round();
  write_nifti(folder / "heart.nii.gz", film);
  Labels labels{film.grid, torch::zeros({2, slices, 18, 20}, torch::kUInt8)};
  labels.grid.size[2] = slices;
  for (int64_t value = 1; value <= 3; ++value)
    labels.voxels.slice(2, 4 * value, 4 * value + 2).slice(3, 5, 10).fill_(value);
  NiftiWriteOptions options;
  options.descrip = descrip;
  write_nifti(folder / ("heart" + ending), labels, options);
  return folder / "heart.nii.gz";
}

std::string pair_refusal(const fs::path& path, const InputOptions& input) {
  try {
    read_study(path, {}, input);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// The label of label_table() at rows of the value.
int64_t label_at(const Study& study, int64_t value) {
  return study.labels->voxels[1][2][4 * value][6].item<int64_t>();
}

}  // namespace

TEST(LabelMeaning, TakesTheNamesOfTheField) {
  for (const auto* text :
       {R"({"background": 0, "RV": 1, "MLV": 2, "LVC": 3})",
        R"({"0": "background", "1": "right ventricle", "2": "Myocardium", "3": "LV"})",
        R"([{"value": 1, "name": "RVC"}, {"value": 2, "name": "LVM"},
                               {"value": 3, "name": "LV cavity"}])"}) {
    const auto meaning = label_meaning(json::parse(text));
    EXPECT_EQ(meaning.label_of, (std::map<int64_t, int64_t>{{1, kRvc}, {2, kLvm}, {3, kLvc}}))
        << text;
    EXPECT_EQ(meaning.drawn.size(), 3U);
  }
  // Other structures are none of ours; unions name nothing new.
  const auto meaning =
      label_meaning(json::parse(R"({"LA": 1, "LV": 2, "whole heart": [1, 2], "scar": 3})"));
  EXPECT_EQ(meaning.label_of, (std::map<int64_t, int64_t>{{1, 0}, {2, kLvc}, {3, 0}}));
  EXPECT_EQ(meaning.drawn, std::set<int64_t>{kLvc});
  for (const auto* text :
       {R"({"liver": 1})", R"({"LV": 1, "RV": 1})", R"({"LV": 300})", R"({"LV": 1.5})",
        R"({"LV": "x"})", R"([{"name": "LV"}])", R"("LV")", "{}"})
    EXPECT_THROW(label_meaning(json::parse(text)), Error) << text;
}

TEST(Pairs, ByHeaderFileOrWord) {
  for (const auto* ending : {"_gt.nii.gz", "_seg.nii.gz", "_label.nii", "_labels.nii.gz"}) {
    const Study study = read_study(pair_of_files(ending, "1=RVC 2=LVM 3=LVC"));
    study.check();
    ASSERT_TRUE(study.labels) << ending;
    EXPECT_EQ(label_at(study, 1), kRvc);
    EXPECT_EQ(label_at(study, 3), kLvc);
    EXPECT_TRUE(is_fully_labeled(study));
    EXPECT_EQ(study.inputs.size(), 2U);
  }
  const auto path = pair_of_files("_gt.nii.gz");
  const auto unknown = read_study(path);
  EXPECT_FALSE(unknown.labels);  // nothing is guessed
  EXPECT_NE(pair_refusal(path, {"pairs", ""}).find("--labels-are"), std::string::npos);
  EXPECT_EQ(label_at(read_study(path, {}, {"auto", "acdc"}), 1), kRvc);
  std::ofstream(path.parent_path() / "heart_gt.json")
      << R"({"labels": {"LV": 1, "other": 2, "RV": 3}})";
  const Study study = read_study(path);
  EXPECT_EQ(label_at(study, 1), kLvc);
  EXPECT_EQ(label_at(study, 2), 0);
  // What says what labels mean decides as much as they do.
  EXPECT_TRUE(has_inputs(path, study.inputs));
  EXPECT_FALSE(has_inputs(path, unknown.inputs));
  std::ofstream(path.parent_path() / "heart_gt.json") << R"({"labels": {"LV": 3, "RV": 1}})";
  EXPECT_FALSE(has_inputs(path, study.inputs));
  // Nobody drew a wall.
  EXPECT_FALSE(is_fully_labeled(study));
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>(2, {kLvc, kRvc})));
  EXPECT_FALSE(read_study(path, {}, {"nifti", ""}).labels);
}

TEST(Pairs, RefusesWhatDoesNotBelongTogether) {
  EXPECT_NE(
      pair_refusal(pair_of_files("_gt.nii.gz", "1=LVC 2=LVM 3=RVC", 3), {}).find("another grid"),
      std::string::npos);
  const auto two = pair_of_files("_gt.nii.gz");
  fs::copy(two.parent_path() / "heart_gt.nii.gz", two.parent_path() / "heart_seg.nii.gz");
  EXPECT_NE(pair_refusal(two, {}).find("two maps"), std::string::npos);
  const auto values = pair_of_files("_gt.nii.gz");
  EXPECT_NE(pair_refusal(values, {"pairs", "1=LVC,2=LVM"}).find("3"), std::string::npos);
  EXPECT_NE(pair_refusal(pair_of_files("_other.nii.gz"), {"pairs", ""}).find("layout pairs"),
            std::string::npos);
}

TEST(Pairs, AFolderOfThemIsADataSet) {
  const auto first = pair_of_files("_gt.nii.gz", "1=LVC 2=LVM 3=RVC");
  const auto root = first.parent_path();
  fs::copy(first, root / "alone.nii.gz");
  EXPECT_EQ(find_cases(root), (std::vector<fs::path>{root / "alone.nii.gz", first}));
  EXPECT_EQ(find_cases(root, {"pairs", ""}), std::vector<fs::path>{first});
  EXPECT_EQ(layout_of(root / "alone.nii.gz"), "nifti");
  const Audit audit = audit_study(first);
  EXPECT_EQ(audit.layout, "pairs");
  ASSERT_EQ(audit.series.size(), 1U);
  EXPECT_TRUE(audit.series[0].has_labels);
}

}  // namespace dmcvr
