// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/per_case.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

CaseResult kept_case(const std::string& name) {
  CaseResult result;
  result.name = name;
  result.seconds = 12;
  VolumeScore volume;
  volume.method = "shape";
  volume.phase = "ed";
  volume.structures["LVC"].dice = 0.123456789;
  volume.stack_ssim = 0.75;
  ViewScore picture;
  picture.method = "shape";
  picture.phase = "es";
  picture.view = "4ch";
  picture.dice["LVM"] = 0.5;
  result.volumes = {volume, volume};
  result.volumes[1].method = "dmcvr";
  result.views = {picture};
  return result;
}

std::string text_of(const std::vector<CaseResult>& cases) {
  std::string text;
  for (const auto& line : per_case_lines(cases)) text += line + "\n";
  return text;
}

}  // namespace

TEST(PerCaseLines, AreJsonWithWhatHasAScoreAndALinePerScore) {
  const auto content = nlohmann::json::parse(text_of({kept_case("a"), kept_case("b \"c\"")}));
  ASSERT_EQ(content.size(), 2U);
  EXPECT_EQ(content[1]["case"], "b \"c\"");
  EXPECT_EQ(content[0]["truth"], "experts");
  ASSERT_EQ(content[0]["scores"].size(), 3U);
  EXPECT_EQ(content[0]["scores"][1]["method"], "dmcvr");
  EXPECT_EQ(content[0]["scores"][0]["LVC"]["dice"], 0.123457);
  EXPECT_FALSE(content[0]["scores"][0]["LVC"].contains("hd_mm"));
  EXPECT_EQ(content[0]["scores"][0]["stack_ssim"], 0.75);
  EXPECT_EQ(content[0]["scores"][2]["view"], "4ch");
  EXPECT_EQ(content[0]["scores"][2]["LVM_dice"], 0.5);
  EXPECT_EQ(per_case_lines({kept_case("a")}).size(), 7U);
  EXPECT_TRUE(nlohmann::json::parse(text_of({})).empty());
}

TEST(PerCaseLines, SayNothingOfTime) {
  CaseResult slower = kept_case("a");
  slower.seconds = 99;
  EXPECT_EQ(text_of({slower}), text_of({kept_case("a")}));
}

}  // namespace dmcvr
