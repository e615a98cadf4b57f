// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Phase t holds the value t everywhere.
Study numbered_study(const std::vector<std::string>& names) {
  Study study;
  study.name = "case";
  study.sax.grid.size = {5, 4, 3};
  const auto count = static_cast<int64_t>(names.size());
  study.sax.voxels =
      torch::arange(count, torch::kFloat32).view({count, 1, 1, 1}).repeat({1, 3, 4, 5});
  for (int64_t t = 0; t < count; ++t) study.sax.times_ms.push_back(30.0 * static_cast<double>(t));
  study.phase_names = names;
  study.labels = Labels{study.sax.grid, study.sax.voxels.to(torch::kUInt8)};
  return study;
}

}  // namespace

TEST(PhaseNames, ThatLeadElsewhereOrAreAlikeAreRefused) {
  EXPECT_NO_THROW(check_phase_names({"ed", "es", "phase03", "t_1.5-a"}));
  EXPECT_NO_THROW(check_phase_names({}));
  for (const auto* name : {"", ".", "..", ".ed", "/etc/ed", "../ed", "e d", "ed\n", "\xc3\xa9"})
    EXPECT_THROW(check_phase_names({name}), Error) << name;
  EXPECT_THROW(check_phase_names({"ed", "ed"}), Error);
}

TEST(SelectPhases, KeepsTimeOrderWhateverTheOrderOfNames) {
  const auto chosen =
      select_phases(numbered_study({"ed", "phase01", "es", "phase03"}), {"es", "ed"});
  chosen.check();
  EXPECT_EQ(chosen.phase_names, (std::vector<std::string>{"ed", "es"}));
  EXPECT_EQ(chosen.sax.times_ms, (std::vector<double>{0, 60}));
  EXPECT_EQ(chosen.sax.voxels[1].max().item<float>(), 2);
  EXPECT_EQ(chosen.labels->voxels[1].max().item<int64_t>(), 2);
}

TEST(SelectPhases, AllKeepsEveryPhase) {
  const auto study = numbered_study({"phase00", "phase01", "phase02"});
  EXPECT_TRUE(select_phases(study, {"all"}).sax.voxels.equal(study.sax.voxels));
  EXPECT_TRUE(select_phases(study, {"phase01", "all"}).sax.voxels.equal(study.sax.voxels));
}

TEST(SelectPhases, WithoutNamesKeepsTheEndPhasesOrElseAll) {
  const auto named = select_phases(numbered_study({"ed", "phase01", "es"}), {});
  EXPECT_EQ(named.phase_names, (std::vector<std::string>{"ed", "es"}));
  for (const auto& names :
       {std::vector<std::string>{"phase00", "phase01"}, {"ed"}, {"phase00", "es"}}) {
    EXPECT_EQ(select_phases(numbered_study(names), {}).phase_names, names);
  }
}

TEST(SelectPhases, ListsWhatThereIsWhenAPhaseIsMissing) {
  try {
    select_phases(numbered_study({"phase00", "phase01"}), {"es"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "case: has no phase 'es'; it has phase00, phase01");
  }
  EXPECT_THROW(select_phases(numbered_study({"phase00", "phase01"}), {"ed"}), Error);
}

TEST(Study, RefusesPositionsForAnotherNumberOfSlices) {
  auto study = numbered_study({"ed"});
  study.slice_z_mm = {0, 8};
  EXPECT_THROW(study.check(), c10::Error);
  study.slice_z_mm = {0, 8, 17};
  EXPECT_NO_THROW(study.check());
}

TEST(Study, RefusesLabelsOfAnotherGrid) {
  auto study = numbered_study({"ed"});
  study.labels->grid.world_from_voxel.offset[0] = 1;
  EXPECT_THROW(study.check(), c10::Error);
}

}  // namespace dmcvr
