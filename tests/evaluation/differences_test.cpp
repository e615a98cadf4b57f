// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/differences.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

VolumeScore phase_score(const std::string& method, const std::string& phase, double dice,
                        double psnr = kNoScore) {
  VolumeScore score;
  score.method = method;
  score.phase = phase;
  score.psnr_db = psnr;
  for (const char* name : {"LVC", "LVM", "RVC"}) {
    score.structures[name].dice = dice;
    score.structures[name].dice_pose_free = 1 - dice;
    score.structures[name].hd_voxels = 10 - 10 * dice;
  }
  return score;
}

CaseResult case_of(std::vector<VolumeScore> volumes) {
  CaseResult result;
  result.volumes = std::move(volumes);
  return result;
}

}  // namespace

TEST(Differences, PairVolumesByCaseAndPhase) {
  const std::vector<CaseResult> cases = {
      case_of({phase_score("shape", "ed", 0.5), phase_score("dmcvr", "es", 0.9, 20),
               phase_score("shape", "es", 0.6, 18), phase_score("dmcvr", "ed", 0.6)}),
      case_of({phase_score("shape", "ed", 0.8), phase_score("dmcvr", "ed", 0.7)}),
      case_of({phase_score("dmcvr", "ed", 0.1)})};  // without baseline: nothing to compare
  const auto found = differences(cases, "shape");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].method, "dmcvr");
  const Interval& dice = found[0].structures.at("dice").at("LVM");
  EXPECT_NEAR(dice.mean, (0.1 + 0.3 - 0.1) / 3, 1e-12);
  EXPECT_EQ(dice.values, 3);
  EXPECT_EQ(dice.groups, 2);
  EXPECT_NEAR(dice.low, -0.1, 1e-12);  // the second case alone
  EXPECT_NEAR(dice.high, 0.2, 1e-12);  // the first one alone
  EXPECT_NEAR(found[0].structures.at("dice").at("mean").mean, dice.mean, 1e-12);
  EXPECT_NEAR(found[0].structures.at("dice_pose_free").at("RVC").mean, -dice.mean, 1e-12);
  const Interval& hd = found[0].structures.at("hd_voxels").at("LVC");
  EXPECT_NEAR(hd.low, -10 * dice.high, 1e-12);
  EXPECT_NEAR(hd.high, -10 * dice.low, 1e-12);
  EXPECT_EQ(found[0].structures.at("assd_mm").at("all").values, 0);
  EXPECT_NEAR(found[0].pictures.at("psnr_db").mean, 2, 1e-12);
  EXPECT_TRUE(std::isnan(found[0].pictures.at("psnr_db").low));

  const auto content = to_json(found);
  EXPECT_EQ(content[0]["dice"]["LVC"]["cases"], 2);
  EXPECT_EQ(content[0]["hd_voxels"]["RVC"]["volumes"], 3);
  EXPECT_TRUE(content[0]["psnr_db"]["low"].is_null());
}

TEST(Differences, OfAMethodThatNobodyAskedForAreNone) {
  EXPECT_TRUE(differences({case_of({phase_score("dmcvr", "ed", 0.5)})}, "shape").empty());
  EXPECT_TRUE(difference_lines({}, "shape").empty());
}

TEST(Differences, EqualPicturesHaveNone) {
  std::vector<CaseResult> cases;
  for (int n = 0; n < 3; ++n) {
    cases.push_back(case_of({phase_score("shape", "ed", 0.5, 20),
                             phase_score("exact", "ed", 0.5, n == 0 ? INFINITY : 30)}));
  }
  const Interval psnr = differences(cases, "shape")[0].pictures.at("psnr_db");
  EXPECT_EQ(psnr.values, 2);
  EXPECT_EQ(psnr.high, 10);
}

TEST(DifferenceLines, CellsStandBelowTheirHeadings) {
  const auto found =
      differences({case_of({phase_score("shape", "ed", 0.5), phase_score("dmcvr", "ed", 0.6, 20)}),
                   case_of({phase_score("shape", "ed", 0.8), phase_score("dmcvr", "ed", 0.7, 20)})},
                  "shape");
  const auto lines = difference_lines(found, "shape");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].rfind("minus shape", 0), 0U);
  EXPECT_EQ(lines[0].size(), lines[1].size());
  EXPECT_EQ(lines[1].rfind("dmcvr", 0), 0U);
  EXPECT_NE(lines[1].find("+0.000 [-0.100, +0.100]"), std::string::npos) << lines[1];
  EXPECT_EQ(lines[1].back(), '-');
  EXPECT_EQ(lines[2].size(), lines[3].size());
}

}  // namespace dmcvr
