// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_tables.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

ViewScore table_picture(const std::string& method, const std::string& view, double dice) {
  ViewScore score;
  score.method = method;
  score.view = view;
  score.phase = "ed";
  score.correlation = 0.5;
  if (std::isnan(dice)) return score;
  for (const std::string& name : scored_structures())
    score.dice[name] = score.dice_whole[name] = dice;
  if (view == "2ch") score.dice["RVC"] = kNoScore;
  score.shift_column_mm = 1.5;
  score.shift_row_mm = 0;
  return score;
}

std::vector<CaseResult> table_case() {
  CaseResult result;
  result.name = "heart, first";
  result.truth = TruthSource::phantom;
  for (const char* view : {"2ch", "4ch"}) {
    result.views.push_back(table_picture("shape", view, 0.75));
    result.views.push_back(table_picture("linear", view, kNoScore));
  }
  return {result};
}

}  // namespace

TEST(ViewLines, FirstTheTableOfThePaperThenEveryView) {
  const auto lines = view_lines(summarize(view_scores_of(table_case())));
  ASSERT_EQ(lines.size(), 12U);  // four blocks of a heading and two methods
  EXPECT_EQ(lines[0].rfind("inside the stack", 0), 0U);
  EXPECT_NE(lines[1].find("0.750"), std::string::npos);
  EXPECT_EQ(lines[1].find("0.750") + 5, lines[0].find("2ch") + 3) << "below its heading";
  EXPECT_EQ(lines[2].back(), '-');
  EXPECT_EQ(lines[3].rfind("2ch", 0), 0U);
  EXPECT_EQ(lines[9].rfind("all views", 0), 0U);
  EXPECT_EQ(lines[3].size(), lines[4].size());
  EXPECT_EQ(lines[4].substr(lines[4].size() - 4), "1.50");
  EXPECT_NE(lines[5].find("0.500"), std::string::npos);
}

TEST(ViewLines, WithoutLabelsThereIsNoTableOfDiceAndWithOneViewItStandsOnce) {
  CaseResult result;
  result.views = {table_picture("linear", "4ch", kNoScore)};
  const auto lines = view_lines(summarize(view_scores_of({result})));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].rfind("4ch", 0), 0U);
  EXPECT_EQ(lines[0].find("LVC"), std::string::npos);
  EXPECT_NE(lines[1].find("0.500"), std::string::npos);
  EXPECT_TRUE(view_lines({}).empty());
}

TEST(ViewPhaseLines, HaveAColumnPerPhase) {
  auto cases = table_case();
  EXPECT_TRUE(view_phase_lines(summarize_by_phase(view_scores_of(cases))).empty());
  for (const char* method : {"shape", "linear"}) {
    ViewScore late = table_picture(method, "4ch", std::string(method) == "shape" ? 0.5 : kNoScore);
    late.phase = "es";
    cases[0].views.push_back(late);
  }
  auto lines = view_phase_lines(summarize_by_phase(view_scores_of(cases)));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].rfind("inside, by phase", 0), 0U);
  EXPECT_NE(lines[1].find("0.750"), std::string::npos) << lines[1];
  // Below its heading; the sign of the deviation before it has two bytes.
  EXPECT_EQ(lines[1].find("0.500") + 5, lines[0].find("es") + 2 + 1);
  for (ViewScore& score : cases[0].views) score.dice.clear();
  lines = view_phase_lines(summarize_by_phase(view_scores_of(cases)));
  EXPECT_EQ(lines[0].rfind("correl. by phase", 0), 0U);
  EXPECT_NE(lines[2].find("0.500"), std::string::npos) << lines[2];
}

TEST(ViewDifferenceLines, NameTheBaselineAndLeaveOutWhatNobodyHas) {
  auto cases = table_case();
  cases[0].views.push_back(table_picture("dmcvr", "2ch", 0.8));
  cases[0].views.push_back(table_picture("dmcvr", "4ch", 0.7));
  const auto lines = view_difference_lines(view_differences(cases, "shape"), "shape");
  ASSERT_EQ(lines.size(), 6U);  // Dice and correlation, of linear and dmcvr
  EXPECT_EQ(lines[0].rfind("minus shape", 0), 0U);
  EXPECT_NE(lines[2].find("+0.050"), std::string::npos) << lines[2];
  EXPECT_NE(lines[2].find("-0.050"), std::string::npos) << lines[2];
  EXPECT_TRUE(view_difference_lines({}, "shape").empty());
}

TEST(ViewTable, EveryRowHasAllColumns) {
  const ScoreTable table = view_table(summarize(view_scores_of(table_case())));
  ASSERT_EQ(table.columns.size(), 8U);  // 2ch 4ch all, LVC LVM RVC, whole, correlation
  for (const std::string& line : markdown_table(table))
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 10) << line;
  const auto latex = latex_table(table);
  EXPECT_NE(latex[2].find("\\multicolumn{3}{c}{Dice inside the stack}"), std::string::npos);
  EXPECT_NE(latex[3].find("\\cmidrule(lr){5-7}"), std::string::npos) << latex[3];
}

TEST(ViewCsv, HasALinePerPictureAndMethod) {
  const auto lines = view_csv_lines(table_case());
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].rfind("case,phase,view,method,truth,LVC_dice,", 0), 0U);
  EXPECT_EQ(lines[1].rfind("\"heart, first\",ed,2ch,shape,phantom,0.75,0.75,", 0), 0U) << lines[1];
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  for (size_t n = 1; n < lines.size(); ++n) EXPECT_EQ(commas(lines[n]), commas(lines[0]) + 1);
}

}  // namespace dmcvr
