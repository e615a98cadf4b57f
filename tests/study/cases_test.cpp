// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/cases.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>

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

std::vector<std::string> names_of(const std::vector<fs::path>& cases) {
  std::vector<std::string> names;
  for (const auto& path : cases) names.push_back(case_name(path));
  return names;
}

}  // namespace

TEST(ChooseCases, TakesAllOfAllInputsOrThoseOfTheSubset) {
  const auto first = patients({"b", "a"}), second = patients({"c"});
  EXPECT_EQ(names_of(choose_cases({first, second})), (std::vector<std::string>{"a", "b", "c"}));
  const auto split = split_file(R"({"train": ["a"], "test": ["c", "b"]})");
  EXPECT_EQ(names_of(choose_cases({first, second}, split, "test")),
            (std::vector<std::string>{"b", "c"}));
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

}  // namespace dmcvr
