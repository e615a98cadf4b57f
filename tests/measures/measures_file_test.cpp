// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/measures_file.h"

#include "measures/toy_hearts.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/measures/tables.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

HeartMeasures named_heart(const std::string& name) {
  HeartMeasures measures = measure_heart(test::toy_heart({"ed", "es"}, {8, 6}));
  measures.name = name;
  return measures;
}

TEST(MeasuresFile, HoldsOneHeartAsItIsAndMoreAsCases) {
  const auto folder = test::fresh_folder();
  write_measures(folder / "one.json", {named_heart("a")});
  EXPECT_EQ(read_json(folder / "one.json"), measures_json(named_heart("a")));
  write_measures(folder / "two.json", {named_heart("a"), named_heart("b")}, MeasuresLayout::cases);
  const auto two = read_json(folder / "two.json");
  EXPECT_EQ(two.at("format"), kMeasuresFormat);
  EXPECT_EQ(two.at("cases")[1], measures_json(named_heart("b")));
}

TEST(MeasuresFile, CsvHasAHeaderAndARowPerHeart) {
  const auto folder = test::fresh_folder();
  write_measures(folder / "two.csv", {named_heart("a"), named_heart("b")}, MeasuresLayout::cases);
  std::ifstream stream(folder / "two.csv");
  std::string line;
  ASSERT_TRUE(std::getline(stream, line));
  EXPECT_EQ(line, csv_header());
  for (const char* name : {"a", "b"}) {
    ASSERT_TRUE(std::getline(stream, line));
    EXPECT_EQ(line, csv_row(named_heart(name)));
  }
  EXPECT_FALSE(std::getline(stream, line));
}

TEST(MeasuresFile, NamesOfAnyBytesAreWritten) {
  const auto folder = test::fresh_folder();
  write_measures(folder / "a.json", {named_heart("caf\xe9")});
  EXPECT_EQ(read_json(folder / "a.json").at("case"), "caf\xef\xbf\xbd");
}

TEST(MeasuresFile, ReplacesOnlyItsOwn) {
  const auto folder = test::fresh_folder();
  for (const char* name : {"a.json", "a.csv"}) {
    const auto path = folder / name;
    EXPECT_NO_THROW(check_measures_file(path, false));
    write_measures(path, {named_heart("a")});
    EXPECT_THROW(check_measures_file(path, false), Error);
    EXPECT_NO_THROW(check_measures_file(path, true));
  }
  std::ofstream(folder / "b.json") << "{\"format\": 1}";
  std::ofstream(folder / "b.csv") << "case,weight\n";
  std::ofstream(folder / "c.json") << "not json";
  for (const char* name : {"b.json", "b.csv", "c.json"})
    EXPECT_THROW(check_measures_file(folder / name, true), Error) << name;
}

TEST(MeasuresFile, RefusesNamesThatCannotBe) {
  const auto folder = test::fresh_folder();
  std::filesystem::create_directories(folder / "d.json");
  for (const auto& path : {folder / "a.txt", folder / "a", folder / "no" / "a.csv",
                           folder / "d.json", std::filesystem::path()}) {
    EXPECT_THROW(check_measures_file(path, true), Error) << path;
  }
  EXPECT_THROW(write_measures(folder / "a.txt", {named_heart("a")}), Error);
}

}  // namespace
}  // namespace dmcvr
