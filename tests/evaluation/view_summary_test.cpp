// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_summary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

ViewScore picture(const std::string& method, const std::string& view, double dice) {
  ViewScore score;
  score.method = method;
  score.view = view;
  score.phase = "ed";
  for (const std::string& name : scored_structures())
    score.dice[name] = score.dice_whole[name] = dice;
  score.shift_column_mm = 3 * dice;
  score.shift_row_mm = 4 * dice;
  return score;
}

std::vector<CaseResult> two_cases() {
  CaseResult a, b;
  a.name = "a";
  a.views = {picture("shape", "4ch", 0.8), picture("shape", "2ch", 0.6),
             picture("dmcvr", "4ch", 0.9), picture("dmcvr", "2ch", 0.6)};
  b.name = "b";
  b.views = {picture("shape", "4ch", 0.6), picture("dmcvr", "4ch", 0.9)};
  return {a, b};
}

const ViewSummary& find(const std::vector<ViewSummary>& summaries, const std::string& method,
                        const std::string& view) {
  for (const ViewSummary& summary : summaries) {
    if (summary.method == method && summary.view == view) return summary;
  }
  throw std::out_of_range(method + " in " + view);
}

}  // namespace

TEST(ViewSummary, IsByViewAndOverAllPictures) {
  const auto summaries = summarize(view_scores_of(two_cases()));
  ASSERT_EQ(summaries.size(), 6U);  // two methods by 2ch, 4ch, all
  EXPECT_EQ(summaries[0].method, "shape");
  EXPECT_EQ(summaries[0].view, "2ch");
  EXPECT_EQ(summaries[2].view, kAllViews);
  const ViewSummary& four = find(summaries, "shape", "4ch");
  EXPECT_EQ(four.pictures, 2);
  EXPECT_NEAR(four.measures.at("LVM_dice").mean, 0.7, 1e-12);
  EXPECT_NEAR(four.measures.at("mean_dice").deviation, std::sqrt(0.02), 1e-12);
  const ViewSummary& all = find(summaries, "shape", kAllViews);
  EXPECT_EQ(all.pictures, 3);
  EXPECT_NEAR(all.measures.at("mean_dice").mean, 2.0 / 3, 1e-12);
  EXPECT_NEAR(all.median_shift_mm, 3, 1e-12);  // of 3 3 4
  EXPECT_EQ(all.measures.at("correlation").count, 0);
  EXPECT_EQ(all.measures.at("correlation").absent, 3);
  EXPECT_TRUE(summarize(std::vector<ViewScore>()).empty());
}

TEST(ViewSummary, JsonHasNullWhereNothingWasScored) {
  const auto content = to_json(summarize(view_scores_of(two_cases())));
  EXPECT_TRUE(content[0]["measures"]["correlation"]["mean"].is_null());
  EXPECT_EQ(content[0]["measures"]["mean_dice"]["pictures"], 1);
  EXPECT_TRUE(content[0]["measures"]["mean_dice"]["deviation"].is_null());
}

TEST(ViewSummary, ByPhaseIsThatOfThePicturesOfAPhase) {
  auto cases = two_cases();
  for (CaseResult& result : cases) {
    const auto ed = result.views;
    for (ViewScore score : ed) {
      score.phase = "es";
      for (auto& [name, dice] : score.dice) dice /= 2;
      result.views.push_back(score);
    }
  }
  const auto summaries = summarize_by_phase(view_scores_of(cases));
  ASSERT_EQ(summaries.size(), 12U);
  EXPECT_EQ(summaries[0].phase, "ed");
  EXPECT_EQ(summaries[6].phase, "es");
  EXPECT_EQ(summaries[6].pictures, summaries[0].pictures);
  EXPECT_NEAR(summaries[8].measures.at("mean_dice").mean,
              summaries[2].measures.at("mean_dice").mean / 2, 1e-12);
  EXPECT_EQ(to_json(summaries)[6]["phase"], "es");
  EXPECT_FALSE(to_json(summarize(view_scores_of(cases)))[0].contains("phase"));
}

TEST(ViewDifferences, AreOfTheSamePicturesAndByCases) {
  const auto differences = view_differences(two_cases(), "shape");
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[1].view, "4ch");
  const Interval four = differences[1].measures.at("mean_dice");
  EXPECT_NEAR(four.mean, 0.2, 1e-12);
  EXPECT_EQ(four.values, 2);
  EXPECT_EQ(four.groups, 2);
  EXPECT_GE(four.low, 0.1 - 1e-12);
  EXPECT_LE(four.high, 0.3 + 1e-12);
  EXPECT_NEAR(differences[2].measures.at("mean_dice").mean, 0.4 / 3, 1e-12);
  EXPECT_EQ(differences[2].measures.at("correlation").values, 0);
  EXPECT_TRUE(view_differences(two_cases(), "nearest").empty());
}

}  // namespace dmcvr
