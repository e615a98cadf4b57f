// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/scanner.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// Nothing but the chest before the scanner, and a label that tells phases apart.
Subject empty_subject() {
  Subject subject;
  subject.paint = [](int64_t, const PicturePlane&) { return HeartLayer(); };
  subject.labels = [](int64_t phase_index, const PicturePlane& plane) {
    return torch::full({plane.rows, plane.columns}, phase_index, torch::kUInt8);
  };
  return subject;
}

}  // namespace

TEST(Scanner, MakesWhatIsAskedForInEveryPhase) {
  PhantomOptions options;
  options.phases = 3;
  options.slices = 4;
  options.matrix = 48;
  options.spacing_mm = 4;
  const Scan scan = draw_scan(options).scan;
  int64_t calls = 0, last = 0;
  const Phantom phantom =
      scan_subject(scan, empty_subject(), options, [&](int64_t done, int64_t all) {
        EXPECT_EQ(done, ++calls);
        last = all;
      });
  EXPECT_EQ(calls, last);
  EXPECT_EQ(calls, 3 * (1 + 3 + 1));
  EXPECT_EQ(phantom.study.sax.voxels.sizes(), (std::vector<int64_t>{3, 4, 48, 48}));
  EXPECT_EQ(phantom.study.views.size(), 3U);
  for (int64_t t = 0; t < 3; ++t) {
    EXPECT_TRUE((phantom.study.labels->voxels[t] == t).all().item<bool>());
    EXPECT_TRUE((phantom.dense_labels.voxels[t] == t).all().item<bool>());
  }
  // Without a heart all phases are the same chest but for noise, of which the truth has none.
  EXPECT_TRUE(phantom.dense_image.voxels[0].equal(phantom.dense_image.voxels[2]));
  EXPECT_FALSE(phantom.study.sax.voxels[0].equal(phantom.study.sax.voxels[2]));

  options.dense = options.long_axis = false;
  const Phantom sparse = scan_subject(scan, empty_subject(), options);
  EXPECT_TRUE(sparse.study.views.empty());
  EXPECT_TRUE(sparse.study.sax.voxels.equal(phantom.study.sax.voxels));
}

}  // namespace dmcvr
