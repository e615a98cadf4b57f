// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/cases.h"

#include "study/zip_files.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// Patients by name; only their names matter here.
fs::path patients(const std::vector<std::string>& names) {
  const fs::path root = test::fresh_folder();
  for (const auto& name : names) {
    fs::create_directories(root / name);
    std::ofstream(root / name / "Info.cfg") << "ED: 1\n";
  }
  return root;
}

fs::path split_file(const std::string& text) {
  const fs::path path = test::fresh_folder() / "split.json";
  std::ofstream(path) << text;
  return path;
}

Cine small_film() {
  Cine film;
  film.grid.size = {20, 18, 2};
  film.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 9}}};
  film.voxels = test::golden_input("film", {1, 2, 18, 20}, 100, 200).round();
  return film;
}

std::string bytes_of_film() {
  const fs::path path = test::fresh_folder() / "film.nii.gz";
  write_nifti(path, small_film());
  return test::content_of(path);
}

std::vector<std::string> names_of(const std::vector<fs::path>& cases) {
  std::vector<std::string> names;
  for (const auto& path : cases) names.push_back(case_name(path));
  return names;
}

}  // namespace

TEST(FindCases, FindsPatientsAndFilmsInTheOrderOfTheirNames) {
  const auto root = patients({"patient002", "patient001"});
  fs::create_directories(root / "notes");
  for (const auto* name : {"heart.nii", "heart_gt.nii", "._heart.nii", "heart_seg.nii"})
    write_nifti(root / name, small_film());
  const std::vector<fs::path> expected = {root / "heart.nii", root / "patient001",
                                          root / "patient002"};
  EXPECT_EQ(find_cases(root), expected);
  EXPECT_EQ(find_cases(root / "patient001"), std::vector<fs::path>{root / "patient001"});
  EXPECT_THROW(find_cases(root / "notes"), Error);
  EXPECT_THROW(find_cases(root / "nothing"), Error);
}

TEST(FindCases, SaysWhatLiesDeeperThanOthers) {
  const auto root = patients({"a", "more/set/b", "more/set/c"});
  std::vector<fs::path> found;
  const std::string text = test::log_of([&] { found = find_cases(root); });
  EXPECT_EQ(found, std::vector<fs::path>{root / "a"});
  EXPECT_NE(text.find("2 studies in folders farther below, more/set/b among them"),
            std::string::npos)
      << text;
  EXPECT_EQ(test::log_of([&] { found = find_cases(root / "more"); }), "");
  EXPECT_EQ(found.size(), 2U);
}

TEST(FindCases, LooksIntoArchivesOfNifti) {
  const auto folder = test::fresh_folder();
  const std::string film = bytes_of_film();
  test::write_zip(folder / "set.zip", {{"set/b.nii.gz", film}, {"set/a.nii.gz", film}});
  const std::vector<fs::path> expected = {folder / "set.zip" / "set" / "a.nii.gz",
                                          folder / "set.zip" / "set" / "b.nii.gz"};
  EXPECT_EQ(find_cases(folder / "set.zip" / "set"), expected);
  EXPECT_EQ(names_of(expected), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(is_one_study(folder / "set.zip" / "set"));
  EXPECT_TRUE(is_one_study(expected[0]));
  EXPECT_EQ(find_cases(expected[0]), std::vector<fs::path>{expected[0]});

  // One folder holds the rest, whatever lies beside it.
  test::write_zip(folder / "wrapped.zip", {{"data/a.nii.gz", film},
                                           {"data/b.nii.gz", film},
                                           {"docs/readme.txt", "text"},
                                           {".git/config.json", "{}"}});
  EXPECT_EQ(find_cases(folder / "wrapped.zip").size(), 2U);
  test::write_zip(folder / "nnunet.zip", {{"D/dataset.json", "{}"},
                                          {"D/imagesTr/h_0000.nii.gz", film},
                                          {"D/imagesTr/h_0001.nii.gz", film}});
  EXPECT_EQ(find_cases(folder / "nnunet.zip"), std::vector<fs::path>{folder / "nnunet.zip"});
  fs::create_directories(folder / "archives");
  fs::copy_file(folder / "nnunet.zip", folder / "archives" / "a.zip");
  EXPECT_EQ(find_cases(folder / "archives", {"nnunet", ""}).size(), 1U);

  test::write_zip(folder / "one.zip", {{"any/a.nii.gz", film}, {"any/a_gt.nii.gz", film}});
  EXPECT_EQ(find_cases(folder / "one.zip"), std::vector<fs::path>{folder / "one.zip"});
  EXPECT_TRUE(is_one_study(folder / "one.zip"));
}

TEST(ChooseCases, TakesAllOfAllInputsOrThoseOfTheSubset) {
  const auto first = patients({"b", "a"}), second = patients({"c"});
  EXPECT_EQ(names_of(choose_cases({first, second})), (std::vector<std::string>{"a", "b", "c"}));
  const auto split = split_file(R"({"train": ["a"], "test": ["c", "b"]})");
  EXPECT_EQ(names_of(choose_cases({first, second}, split, "test")),
            (std::vector<std::string>{"b", "c"}));
}

TEST(ChooseCases, InputThatTheSplitDoesNotKnowIsNamed) {
  const auto known = patients({"a", "b"}), unknown = patients({"p1", "p2"});
  const auto split = split_file(R"({"train": ["a"], "test": ["b"]})");
  const auto warned = [&](const std::vector<std::filesystem::path>& inputs) {
    return test::log_of([&] { EXPECT_EQ(choose_cases(inputs, split, "train").size(), 1U); });
  };
  EXPECT_EQ(warned({known}), "");
  EXPECT_EQ(warned({known, known}), "");
  const auto said = warned({known, unknown});
  EXPECT_NE(said.find(unknown.string() + ": none of its cases (2)"), std::string::npos) << said;
  EXPECT_EQ(said.find(known.string()), std::string::npos) << said;
}

TEST(ChooseCases, WhatCannotBeChosenIsAnError) {
  const auto root = patients({"a"});
  const auto split = split_file(R"({"train": ["a", "z"], "test": [3], "note": "text"})");
  EXPECT_THROW(choose_cases({root}, split, "train"), Error);       // z is missing
  EXPECT_THROW(choose_cases({root}, split, "test"), Error);        // no name
  EXPECT_THROW(choose_cases({root}, split, "note"), Error);        // no list
  EXPECT_THROW(choose_cases({root}, split, "validation"), Error);  // no such subset
  EXPECT_THROW(choose_cases({root}, split, ""), Error);
  EXPECT_THROW(choose_cases({root}, "", "train"), Error);
  EXPECT_THROW(choose_cases({test::fresh_folder()}), Error);  // no cases
}

// Every patient of ACDC's training set has one place, and a known one.
TEST(BundledSplit, KeepsTheHundredPatientsApart) {
  std::ifstream stream(test::source_folder() / "weights" / "split.json");
  const auto split = nlohmann::json::parse(stream);
  EXPECT_EQ(split.at("train").size(), 75U);
  EXPECT_EQ(split.at("validation"),
            nlohmann::json({"patient006", "patient014", "patient026", "patient033", "patient047",
                            "patient055", "patient066", "patient072", "patient081", "patient094"}));
  EXPECT_EQ(split.at("test"),
            nlohmann::json({"patient003", "patient010", "patient017", "patient023", "patient029",
                            "patient035", "patient044", "patient051", "patient058", "patient063",
                            "patient069", "patient075", "patient085", "patient092", "patient099"}));
  std::set<std::string> names;
  for (const auto* subset : {"train", "validation", "test"}) {
    for (const auto& name : split.at(subset)) names.insert(name.get<std::string>());
  }
  EXPECT_EQ(names.size(), 100U);
  EXPECT_EQ(*names.begin(), "patient001");
  EXPECT_EQ(*names.rbegin(), "patient100");
}

}  // namespace dmcvr
