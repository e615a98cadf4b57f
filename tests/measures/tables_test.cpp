// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/tables.h"

#include "measures/toy_hearts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

using testing::Contains;
using testing::HasSubstr;

// Cells of a line without quotes.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result(1);
  for (const char letter : line) {
    if (letter == ',') {
      result.emplace_back();
    } else {
      result.back() += letter;
    }
  }
  return result;
}

HeartMeasures toy_measures() {
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {13, 12});
  heart.slices.voxels[1].select(0, 4).masked_fill_(heart.slices.voxels[1][4] == kRvc, 0);
  heart.dense = heart.slices;
  heart.times_ms = {0, 350};
  return measure_heart(heart, {180, 80, 60, "mosteller"});
}

TEST(MeasuresJson, HoldsEveryKeyByBothWaysAndTheVolumeCurve) {
  const auto json = measures_json(toy_measures());
  EXPECT_EQ(json.at("case"), "toy");
  EXPECT_EQ(json.at("ed"), "ed");
  for (const MeasureKey& key : measure_keys()) {
    const std::string name = key.key;
    const bool is_of_a_film =
        name.find("_per_s") != std::string::npos || name.find("_ms") + 3 == name.size();
    EXPECT_EQ(json.at("discs").at(key.key).is_number(), !is_of_a_film) << key.key;
    EXPECT_EQ(json.at("discs").at(key.key), json.at("dense").at(key.key)) << key.key;
  }
  ASSERT_EQ(json.at("phases").size(), 2U);
  EXPECT_EQ(json.at("phases")[1].at("time_ms"), 350);
  EXPECT_NEAR(json.at("phases")[1].at("discs").at("lv_ml"), 144 * 0.16, 1e-4);
  EXPECT_THAT(json.at("body").at("bsa_formula"), "mosteller");
  EXPECT_THAT(json.at("body").at("bsa_source"), HasSubstr("1987"));
}

TEST(MeasuresJson, HoldsTheSegmentsOrSaysWhyNot) {
  const auto segments = measures_json(toy_measures()).at("segments").at("discs");
  ASSERT_EQ(segments.at("ed_mm").size(), 16U);
  EXPECT_EQ(segments.at("ed_mm")[0].is_null(), !segments.at("problem").get<std::string>().empty());
  LabeledHeart heart = test::toy_heart({"ed", "es"}, {13, 12});
  heart.slices.voxels.masked_fill_(heart.slices.voxels == kRvc, 0);
  const HeartMeasures measures = measure_heart(heart);
  const auto missing = measures_json(measures).at("segments");
  EXPECT_TRUE(missing.at("dense").is_null());
  EXPECT_THAT(missing.at("discs").at("problem").get<std::string>(), HasSubstr("no RV touches"));
  EXPECT_TRUE(missing.at("discs").at("ed_mm")[0].is_null());
  EXPECT_THAT(measures_table(measures), Contains(HasSubstr("no wall thickness: ED: no RV")));
  EXPECT_THAT(segments_csv_rows(measures), Contains("toy,discs,2,basal,anteroseptal,,,"));
}

TEST(CurveCsv, HasARowPerPhaseAndTheColumnsOfItsHeader) {
  const auto header = cells(curve_csv_header());
  EXPECT_THAT(header, Contains("dense_lvm_g"));
  const auto rows = curve_csv_rows(toy_measures());
  ASSERT_EQ(rows.size(), 2U);
  const auto row = cells(rows[1]);
  ASSERT_EQ(row.size(), header.size());
  EXPECT_EQ(row[1], "es");
  EXPECT_EQ(row[2], "350");
  EXPECT_EQ(row[3], "23.04");  // 144 x 0.16 ml
  EXPECT_EQ(row[5], "8.736");  // 52 x 0.16 ml of 1.05 g/ml
}

TEST(MeasuresJson, HoldsNullForWhatIsNotKnown) {
  const auto json = measures_json(measure_heart(test::toy_heart({"phase00"}, {8})));
  EXPECT_TRUE(json.at("ed").is_null() && json.at("dense").is_null());
  EXPECT_TRUE(json.at("discs").at("lv_ef_percent").is_null());
  EXPECT_TRUE(json.at("body").at("bsa_m2").is_null());
  EXPECT_TRUE(json.at("heart_rate").at("per_min").is_null());
  EXPECT_NEAR(json.at("phases")[0].at("discs").at("lv_ml"), 64 * 0.16, 1e-4);
  EXPECT_THAT(json.at("notes").dump(), HasSubstr("no ejection fraction"));
}

TEST(Csv, HasTheSameColumnsForEveryHeart) {
  const auto header = cells(csv_header());
  EXPECT_EQ(header.front(), "case");
  EXPECT_EQ(header.back(), "notes");
  EXPECT_THAT(header, Contains("discs_lv_edv_ml"));
  EXPECT_THAT(header, Contains("dense_rv_ef_percent"));
  EXPECT_EQ(header.size(), 8 + 2 * measure_keys().size() + 1);

  const auto full = cells(csv_row(toy_measures()));
  ASSERT_EQ(full.size(), header.size());
  const auto place = std::find(header.begin(), header.end(), "discs_lv_edv_ml") - header.begin();
  EXPECT_EQ(full[static_cast<size_t>(place)], "27.04");  // 169 x 0.16 ml
  const auto sparse = cells(csv_row(measure_heart(test::toy_heart({"ed"}, {8}))));
  EXPECT_GE(sparse.size(), header.size());  // the note may hold a comma
  EXPECT_EQ(sparse[static_cast<size_t>(place) + 1], "");
}

TEST(Csv, QuotesWhatWouldBreakTheRow) {
  HeartMeasures measures = toy_measures();
  measures.name = "a \"b\", c";
  EXPECT_EQ(csv_row(measures).substr(0, 15), "\"a \"\"b\"\", c\",ed");
}

TEST(MeasuresTable, SetsBothWaysSideBySide) {
  HeartMeasures measures = toy_measures();
  measures.notes = {"something"};
  const auto lines = measures_table(measures);
  EXPECT_EQ(lines[0], "toy (ED: ed, ES: es, by name)");
  EXPECT_THAT(lines[1], HasSubstr("discs     dense"));
  EXPECT_EQ(lines[2], "LV EDV          ml              27.0      27.0");
  EXPECT_EQ(lines.back(), "note: something");
  EXPECT_THAT(lines, Contains(HasSubstr("BSA: 2.00 m2, Mosteller")));
}

TEST(MeasuresTable, HasVolumesOfPhasesThatAreNeitherEdNorEs) {
  const auto lines = measures_table(measure_heart(test::toy_heart({"phase00"}, {8})));
  EXPECT_THAT(lines, Contains("phase00: LVC 10.2 ml, LVM 5.8 ml, RVC 1.0 ml"));
}

TEST(ShortTable, HasARowPerHeart) {
  EXPECT_EQ(short_table_row(toy_measures()).size(), short_table_header().size());
}

}  // namespace
}  // namespace dmcvr
