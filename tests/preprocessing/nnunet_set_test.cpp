// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/nnunet_set.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(WriteNnunetSet, ACaseForEachLabeledPhaseAndTheRestIsLeftOut) {
  const auto root = test::fresh_folder();
  PhantomOptions options;
  options.phases = 2;
  options.slices = 4;
  options.spacing_mm = 4;
  options.matrix = 64;
  options.dense = options.long_axis = false;
  const Phantom phantom = make_phantom(options);
  write_phantom(root / "set" / "heart", phantom);
  std::filesystem::create_directories(root / "set" / "broken");
  std::filesystem::copy(root / "set" / "heart" / "truth.json", root / "set" / "broken");
  std::filesystem::copy(root / "set" / "heart" / "sax.nii.gz",
                        root / "set" / "broken");  // no labels
  std::filesystem::copy(root / "set" / "heart" / "sax.nii.gz", root / "set" / "plain.nii.gz");

  int64_t last = 0;
  const auto folder = root / "Dataset501_Hearts";
  EXPECT_EQ(
      write_nnunet_set({root / "set"}, {}, folder, [&](int64_t done, int64_t) { last = done; }), 2);
  EXPECT_EQ(last, 3);
  const auto cases = find_cases(folder);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(case_name(cases[0]), "heart_ed");
  const Study back = read_study(cases[1]);
  EXPECT_EQ(back.phase_names[0], "es");
  const auto voxels = phantom.study.labels->voxels;
  EXPECT_TRUE(back.labels->voxels[0].equal(voxels[1]));
  EXPECT_THROW(write_nnunet_set({root / "set" / "plain.nii.gz"}, {}, root / "Dataset502_X"), Error);
}

}  // namespace dmcvr
