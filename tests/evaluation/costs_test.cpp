// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {

TEST(Costs, AddUpByMethodInTheirOrder) {
  const auto totals = total_costs(
      {{"shape", 4, 1, 10, 0}, {"registration", 4, 2, 10, 600}, {"shape", 6, 3, 15, 0}});
  ASSERT_EQ(totals.size(), 2U);
  EXPECT_EQ(nlohmann::json(totals[0]), nlohmann::json(MethodCost{"shape", 10, 4, 25, 0}));
  EXPECT_EQ(totals[1].method, "registration");
}

TEST(Costs, AreSaidPerPlaneAndOnTheRecordWithoutTheClock) {
  const std::vector<MethodCost> totals = {{"shape", 10, 4, 25, 300}, {"none", 0, 1, 1, 1}};
  const auto record = costs_per_plane(totals);
  EXPECT_EQ(record[0]["evaluations"], 2.5);
  EXPECT_EQ(record[0]["optimization_steps"], 30);
  EXPECT_FALSE(record[0].contains("seconds"));
  EXPECT_EQ(record[1]["evaluations"], 0);
  const auto lines = cost_lines(totals);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[1], testing::MatchesRegex("shape +0\\.40 +2\\.5 +30\\.0"));
  EXPECT_EQ(lines[0].size(), lines[1].size());
  EXPECT_TRUE(cost_lines({}).empty());
}

TEST(Costs, ComeBackFromJson) {
  const MethodCost cost{"dmcvr", 3, 1.5, 7, 2};
  EXPECT_EQ(nlohmann::json(nlohmann::json(cost).get<MethodCost>()), nlohmann::json(cost));
}

}  // namespace dmcvr
