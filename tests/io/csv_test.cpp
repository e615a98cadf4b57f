// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/csv.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

std::filesystem::path csv_file(const std::string& text) {
  const auto path = test::fresh_folder() / "table.csv";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string csv_error(const std::filesystem::path& path) {
  try {
    read_csv(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

using Rows = std::vector<std::vector<std::string>>;

}  // namespace

TEST(ReadCsv, TakesWhatSpreadsheetsWrite) {
  const auto table = read_csv(
      csv_file("\xEF\xBB\xBF"
               ",External code, ED \r\n0,\"A1,B\",3\r\n\r\n1, C2 ,\"say \"\"x\"\"\n\"\r\n2,D3"));
  EXPECT_EQ(table.columns, (std::vector<std::string>{"", "External code", "ED"}));
  EXPECT_EQ(table.rows, (Rows{{"0", "A1,B", "3"}, {"1", "C2", "say \"x\"\n"}, {"2", "D3", ""}}));
  EXPECT_EQ(table.column("external CODE"), 1U);
  EXPECT_FALSE(table.column("ES"));
}

TEST(ReadCsv, TakesSemicolonsWhereTheFirstLineHasThem) {
  const auto table = read_csv(csv_file("code;height;weight\nA;1,70;80,5\n"));
  EXPECT_EQ(table.rows, (Rows{{"A", "1,70", "80,5"}}));
}

TEST(ReadCsv, NamesWhatIsWrong) {
  EXPECT_NE(csv_error(test::fresh_folder() / "none.csv").find("no such file"), std::string::npos);
  EXPECT_NE(csv_error(csv_file("")).find("holds no line"), std::string::npos);
  EXPECT_NE(csv_error(csv_file("a,b\n1,2,3\n")).find("record 1 has 3 fields"), std::string::npos);
  EXPECT_NE(csv_error(csv_file("a,b\n\"1,2\n")).find("never closed"), std::string::npos);
  EXPECT_NE(csv_error(csv_file("a" + std::string(2000, ',') + "\nx\n")).find("2001 columns"),
            std::string::npos);
  EXPECT_NE(csv_error(csv_file(std::string((16 << 20) + 1, 'a'))).find("16 MiB"),
            std::string::npos);
}

}  // namespace dmcvr
