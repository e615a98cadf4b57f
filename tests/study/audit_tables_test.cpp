// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/audit_tables.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Audit audit_with(std::vector<Problem> problems) {
  AuditedSeries one;
  one.found.name = "stack";
  one.found.view = "sax";
  one.found.phases = 3;
  one.found.times_ms = {0, 30, 60};
  one.found.grid.size = {128, 96, 8};
  one.found.grid.world_from_voxel.matrix = {{{-1.5, 0, 0}, {0, -1.5, 0}, {0, 0, 10}}};
  one.found.problems = std::move(problems);
  Audit audit;
  audit.name = "case1";
  audit.layout = "NIfTI";
  audit.series = {one, one};
  return audit;
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace

TEST(AuditTable, HoldsTheSeriesAndSaysAProblemOnce) {
  const Problem problem{"left_handed", "what was found", "what is done", false};
  const auto text = joined(audit_table(audit_with({problem})));
  EXPECT_THAT(text, HasSubstr("128x96"));
  EXPECT_THAT(text, HasSubstr("30.0"));
  EXPECT_THAT(text, HasSubstr("LPS"));
  EXPECT_THAT(text, HasSubstr("repaired left_handed in stack: what was found"));
  EXPECT_THAT(text, HasSubstr("what is done"));
  EXPECT_EQ(text.find("left_handed"), text.rfind("left_handed"));
  EXPECT_THAT(joined(audit_table(audit_with({}))), HasSubstr("no problems"));
}

TEST(AuditsTable, HasALinePerCaseAndTheCounts) {
  const auto lines = audits_table({audit_with({}), audit_with({{"a", "b", "c", false}}),
                                   audit_with({{"d", "e", "f", true}, {"a", "b", "c", false}})});
  EXPECT_THAT(lines[1], Not(HasSubstr("  a")));
  EXPECT_THAT(lines[3], HasSubstr("refused"));
  EXPECT_THAT(lines[3], HasSubstr("  d a"));
  EXPECT_EQ(lines.back(), "3 cases: 1 clean, 1 repaired, 1 refused");
}

TEST(AuditsJson, SaysTheSame) {
  const auto json =
      audits_json({audit_with({{"a", "b", "c", false}}), audit_with({{"d", "e", "f", true}})});
  EXPECT_EQ(json.at("format"), "dmcvr info 1");
  EXPECT_EQ(json.at("summary").at("repaired"), 1);
  EXPECT_EQ(json.at("summary").at("refused"), 1);
  const auto& series = json.at("cases").at(0).at("series").at(0);
  EXPECT_EQ(series.at("pitch_mm"), 10);
  EXPECT_TRUE(series.at("thickness_mm").is_null());
  EXPECT_EQ(series.at("problems").at(0).at("code"), "a");
  EXPECT_EQ(json.at("cases").at(1).at("verdict"), "refused");
}

}  // namespace dmcvr
