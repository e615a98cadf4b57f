// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/summary.h"

#include "report/toy_reconstruction.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

TEST(Summary, ACylinderHasTheVolumeOfItsDisks) {
  // Three acquired slices 8 mm apart, 4 x 4 pixels of 2 x 2 mm in each: 3 x 8 mm x 64 mm².
  const Reconstruction made = test::toy_reconstruction();
  EXPECT_NEAR(label_volumes_ml(made, kLvc)[0], 3 * 8 * 64 / 1000.0, 1e-9);
  EXPECT_NEAR(label_volumes_ml(made, kRvc)[1], 3 * 8 * 16 / 1000.0, 1e-9);
}

TEST(Summary, CapsComeFromTheOutermostSlicesAlone) {
  Reconstruction made = test::toy_reconstruction();
  made.labels.voxels.select(1, 0).zero_();
  // Without the first slice: four planes of 4 mm and the cap of 2 mm at the other end.
  EXPECT_NEAR(label_volumes_ml(made, kLvc)[0], (4 * 4 + 2) * 64 / 1000.0, 1e-9);
}

TEST(Summary, HasALineForEveryPhase) {
  const auto lines = summary_lines(test::toy_reconstruction());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "ed: LVC 2 ml, LVM 2 ml, RVC 0 ml");
  EXPECT_EQ(lines[1].substr(0, 4), "es: ");
}

}  // namespace
}  // namespace dmcvr
