// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/clinical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Volumes in ml of LVC, LVM, RVC, said and true.
VolumeScore phase_score(const std::string& phase, const std::vector<double>& said,
                        const std::vector<double>& known) {
  VolumeScore score;
  score.method = "shape";
  score.phase = phase;
  const char* names[] = {"LVC", "LVM", "RVC"};
  for (size_t n = 0; n < 3; ++n) {
    score.structures[names[n]].volume_ml = said[n];
    score.structures[names[n]].true_volume_ml = known[n];
  }
  return score;
}

CaseResult heart(const std::vector<double>& said_ed, const std::vector<double>& said_es) {
  CaseResult result;
  result.volumes = {phase_score("ed", said_ed, {100, 100, 160}),
                    phase_score("es", said_es, {40, 100, 80})};
  return result;
}

TEST(ClinicalErrors, AreThoseOfVolumesEjectionFractionAndMass) {
  const auto methods =
      clinical_errors({heart({110, 90, 160}, {55, 100, 80}), heart({90, 110, 160}, {36, 100, 40})});
  ASSERT_EQ(methods.size(), 1U);
  const auto& errors = methods[0].errors;
  EXPECT_NEAR(errors.at("lv_edv_ml").mean, 0, 1e-12);
  EXPECT_NEAR(methods[0].absolute.at("lv_edv_ml").mean, 10, 1e-12);
  EXPECT_NEAR(errors.at("lv_ef_percent").mean, -5, 1e-12);  // 50 and 60 % instead of 60 %
  EXPECT_NEAR(methods[0].absolute.at("lv_ef_percent").mean, 5, 1e-12);
  EXPECT_NEAR(errors.at("rv_ef_percent").mean, 12.5, 1e-12);
  EXPECT_NEAR(methods[0].absolute.at("lv_mass_g").mean, 10.5, 1e-12);
  const auto lines = clinical_lines(methods);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[1], testing::HasSubstr("-5.0±7.1"));
  EXPECT_THAT(lines[1], testing::EndsWith(" 5.0"));
  EXPECT_EQ(to_json(methods)[0]["error"]["rv_esv_ml"]["mean"], -20);
}

TEST(ClinicalErrors, NeedBothPhasesAndAStructureThatIsThere) {
  CaseResult only_ed = heart({1, 1, 1}, {1, 1, 1});
  only_ed.volumes.pop_back();
  EXPECT_TRUE(clinical_errors({only_ed}).empty());
  EXPECT_TRUE(clinical_lines({}).empty());

  const auto missed = clinical_errors({heart({100, 100, 0}, {40, 100, 0})});
  EXPECT_EQ(missed[0].errors.at("rv_edv_ml").mean, -160);
  EXPECT_EQ(missed[0].errors.at("rv_ef_percent").mean, -50) << "what is missing ejects nothing";
  EXPECT_EQ(missed[0].errors.at("lv_ef_percent").mean, 0);

  CaseResult unknown = heart({100, 100, 160}, {40, 100, 80});
  for (VolumeScore& score : unknown.volumes) score.structures["RVC"].true_volume_ml = 0;
  EXPECT_EQ(clinical_errors({unknown})[0].errors.at("rv_edv_ml").absent, 1);
  unknown.volumes[0].structures["RVC"].true_volume_ml = 160;  // of ED alone
  EXPECT_EQ(clinical_errors({unknown})[0].errors.at("rv_edv_ml").absent, 0);
  EXPECT_EQ(clinical_errors({unknown})[0].errors.at("rv_ef_percent").absent, 1);
}

TEST(ClinicalDifferences, AreOfTheErrorsInTheSameCases) {
  std::vector<CaseResult> cases = {heart({110, 90, 160}, {55, 100, 80}),
                                   heart({90, 110, 160}, {36, 100, 40}),
                                   heart({100, 100, 160}, {40, 100, 80})};
  for (size_t n = 0; n < 2; ++n) {  // the third case has no baseline
    CaseResult baseline = heart({105, 100, 150}, {40, 100, 80});
    for (VolumeScore& score : baseline.volumes) {
      score.method = "original";
      cases[n].volumes.push_back(score);
    }
  }
  const auto found = clinical_differences(cases, "original");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].method, "shape");
  const Interval& edv = found[0].errors.at("lv_edv_ml");  // 10 - 5 and -10 - 5
  EXPECT_NEAR(edv.mean, -5, 1e-12);
  EXPECT_NEAR(edv.low, -15, 1e-12);
  EXPECT_NEAR(edv.high, 5, 1e-12);
  EXPECT_EQ(edv.groups, 2);
  EXPECT_NEAR(found[0].absolute.at("lv_edv_ml").mean, 5, 1e-12);  // 10 - 5, both times
  EXPECT_NEAR(found[0].absolute.at("rv_edv_ml").mean, -10, 1e-12);
  EXPECT_NEAR(found[0].absolute.at("lv_mass_g").mean, 10.5, 1e-12);
  const auto content = to_json(found);
  EXPECT_EQ(content[0]["absolute_error"]["lv_edv_ml"]["cases"], 2);
  const auto lines = clinical_difference_lines(found, "original");
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_THAT(lines[0], testing::StartsWith("|error| minus original"));
  EXPECT_THAT(lines[1], testing::EndsWith("+5.0 [+5.0, +5.0]"));
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines[0].size());
  EXPECT_THAT(clinical_difference_markdown(found, "original").back(),
              testing::StartsWith("| RV EF/% | "));
  EXPECT_TRUE(clinical_differences(cases, "nearest").empty());
  EXPECT_TRUE(clinical_difference_lines({}, "original").empty());
}

}  // namespace
}  // namespace dmcvr
