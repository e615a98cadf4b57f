// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Phase t has the value t everywhere.
Study counting_study(std::vector<std::string> names) {
  Study study;
  study.name = "case";
  study.phase_names = std::move(names);
  const auto phases = static_cast<int64_t>(study.phase_names.size());
  study.sax.grid.size = {4, 3, 2};
  study.sax.voxels = torch::arange(phases, torch::kFloat32).view({-1, 1, 1, 1}).expand({phases, 2, 3, 4}).contiguous();
  study.labels = Labels{study.sax.grid, study.sax.voxels.to(torch::kUInt8), label_table()};
  for (int64_t t = 0; t < phases; ++t) study.sax.times_ms.push_back(30.0 * static_cast<double>(t));
  return study;
}

}  // namespace

TEST(Study, PhasesAreSelectedInTimeOrderWithLabelsAndTimes) {
  const Study study = counting_study({"ed", "phase01", "es", "phase03"});
  const Study selected = select_phases(study, {"phase03", "es", "es"});
  selected.check();
  EXPECT_EQ(selected.phase_names, (std::vector<std::string>{"es", "phase03"}));
  EXPECT_EQ(selected.sax.times_ms, (std::vector<double>{60, 90}));
  EXPECT_EQ(selected.sax.voxels[1][0][0][0].item<float>(), 3);
  EXPECT_EQ(selected.labels->voxels[0][1][2][3].item<int>(), 2);
}

TEST(Study, AllKeepsEverything) {
  const Study study = counting_study({"ed", "es"});
  EXPECT_TRUE(select_phases(study, {"all"}).sax.voxels.equal(study.sax.voxels));
}

TEST(Study, WithoutNamesEdIsTheFirstPhaseAndEsUnknown) {
  const Study study = counting_study({"phase00", "phase01"});
  EXPECT_EQ(select_phases(study, {"ed"}).phase_names, (std::vector<std::string>{"phase00"}));
  try {
    select_phases(study, {"es"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "case: no phase is named 'es', there are: phase00, phase01");
  }
  EXPECT_THROW(select_phases(study, {}), Error);
}

TEST(Study, ChecksThatItsPartsAgree) {
  Study study = counting_study({"ed", "es"});
  study.check();
  study.slice_z_mm = {0, 8};
  study.check();
  study.slice_z_mm = {8, 0};
  EXPECT_THROW(study.check(), c10::Error);
  study.slice_z_mm.clear();
  study.phase_names.pop_back();
  EXPECT_THROW(study.check(), c10::Error);
}

}  // namespace dmcvr
